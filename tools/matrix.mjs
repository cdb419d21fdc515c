// `npm run matrix`: one fault at every moment at which something is awaited. See --help.
import { runLab } from './lab.mjs'

await runLab('matrix')
