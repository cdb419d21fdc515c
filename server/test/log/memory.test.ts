import { createMemoryLog } from '../../src/index.js'
import { type LogUnderTest, logLaws } from '../log-laws/index.js'
import { markLaws } from '../mark-laws.js'

const subject: LogUnderTest = {
  open: async (clock) => createMemoryLog({ clock }),
  clean: async () => {},
}
logLaws('the memory log', subject)
markLaws('the memory log', subject)
