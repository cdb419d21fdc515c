// `npm run conformance -- ws://…/v1/ws`: a server against the protocol. See --help.
import { runLab } from './lab.mjs'

await runLab('conformance')
