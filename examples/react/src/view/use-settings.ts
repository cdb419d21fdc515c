import { useMemo } from 'react'
import { type OptimisticRecords, useClient, useOptimistic } from 'tidings/react'
import { type About, isAbout, isPin, type Pin, type Setting, settingsOf } from '../model/settings.js'

export interface RoomSettings {
  readonly about: About
  readonly pins: readonly Pin[]
  readonly records: OptimisticRecords<Setting>
}

const nothing: About = { id: 'about', title: '', topic: '' }

/** What a room is called, what it is about, and what is pinned there. */
export const useSettings = (room: string): RoomSettings => {
  const client = useClient()
  const records = useOptimistic(useMemo(() => settingsOf(client, room), [client, room]))
  return useMemo(() => {
    const settings = records.items.map(({ record }) => record)
    return { about: settings.find(isAbout) ?? nothing, pins: settings.filter(isPin), records }
  }, [records])
}
