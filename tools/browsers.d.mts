/** The executables of Chromium, of Firefox ESR and of WebKitGTK's MiniBrowser, each `undefined` when this machine cannot run it. */
export declare const findBrowsers: (env?: NodeJS.ProcessEnv) => {
  chromium: string | undefined
  firefox: string | undefined
  webkit: string | undefined
}
