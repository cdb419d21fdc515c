// `npm run test:kills`: whole browsers killed in the middle of writing. See --help.
import { findBrowsers } from './browsers.mjs'
import { runLab } from './lab.mjs'

await runLab('kills', findBrowsers().chromium)
