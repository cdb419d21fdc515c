// `npm run frames`: what nobody should say, told to codecs, clients and servers. See --help.
import { runLab } from './lab.mjs'

await runLab('frames')
