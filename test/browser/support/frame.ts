/** A document of this origin with a module of `test/browser/support` in it: another context of the profile, as a tab is. */
export function openFrame(module: string, name = ''): HTMLIFrameElement {
  const frame = document.createElement('iframe')
  frame.name = name
  frame.srcdoc = `<!doctype html><script type="module" src="${new URL(module, import.meta.url)}"></script>`
  document.body.append(frame)
  return frame
}

/** The same, once its module has run. */
export async function loadFrame(module: string): Promise<HTMLIFrameElement> {
  const frame = openFrame(module)
  await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
  return frame
}
