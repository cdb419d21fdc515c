// `npm run sim`: clients, a server, and everything that can break. See --help.
import { runLab } from './lab.mjs'

await runLab('sim')
