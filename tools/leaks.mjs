// `npm run leaks`: what clients leave behind, and what grows while they live. See --help.
import { runLab } from './lab.mjs'

await runLab('leaks')
