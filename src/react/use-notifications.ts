import type { Timeline } from '../core/message.js'
import { type NotificationBody, notifications } from '../core/people/notifications.js'
import { useClient, useTimeline } from './hooks.js'

/** What the server told this user alone, oldest first, with the number that is unread. Followed while a component shows it. */
export const useNotifications = (): Timeline<NotificationBody> => useTimeline(notifications(useClient()))
