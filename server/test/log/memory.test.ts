import { createMemoryLog } from '../../src/index.js'
import { logLaws } from '../log-laws.js'

logLaws('the memory log', {
  open: async (clock) => createMemoryLog({ clock }),
  clean: async () => {},
})
