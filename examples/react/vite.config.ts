import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  // The list of hashed files, which the service worker reads to keep the whole page.
  build: { manifest: 'build.json', target: 'es2022' },
  // `npx vite` beside a running `npm start`: pages from here, tokens and sockets from there.
  server: {
    proxy: { '/dev': 'http://localhost:8787', '/v1': { target: 'http://localhost:8787', ws: true } },
  },
})
