import { createContext, useContext } from 'react'
import { createDesk, type Desk } from '../model/desk.js'

/** The desk of the room that is shown, for everything drawn in it. */
export const DeskContext = createContext<Desk>(createDesk())

export const useDesk = (): Desk => useContext(DeskContext)
