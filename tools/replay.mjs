// `npm run replay -- FILE`: a chat log through real clients and a real server. See --help.
import { runLab } from './lab.mjs'

await runLab('replay')
