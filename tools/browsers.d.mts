/** The executables of Chromium and of Firefox ESR, each `undefined` when this machine has none. */
export declare const findBrowsers: (env?: NodeJS.ProcessEnv) => {
  chromium: string | undefined
  firefox: string | undefined
}
