import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { Pages } from '../pages.js'

const site = fileURLToPath(new URL('..', import.meta.url))
const root = process.env.SITE_ROOT ?? path.join(site, '..')
const pages = new Pages(root, path.join(site, 'target/pages'))
pages.write()
const sidebar = pages.sidebar()
const title = pages.title('README.md')

// "NAME=FOLDER" for each version that is built; the folder of this one is its base.
const base = process.env.SITE_BASE ?? '/'
const versions = (process.env.SITE_VERSIONS ?? `this=${base}`).split(' ').map((one) => {
  const [text, folder] = one.split('=')
  return { text, folder }
})

/** As code hosts make anchors, so that a link to a heading leads to the same place here and there. */
function slug(heading) {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replace(/\s/g, '-')
}

/** Links between files become links between pages, and indented code looks as fenced code does. */
function adapt(md) {
  md.core.ruler.push('adapt', ({ tokens, env }) => {
    const page = env.relativePath
    const to = (link) => pages.target(page, link) ?? link
    for (const code of tokens.filter((one) => one.type === 'code_block')) {
      Object.assign(code, { type: 'fence', tag: 'code', markup: '```', info: 'text' }) // indented: it looks the same
    }
    for (const token of tokens.flatMap((one) => [one, ...(one.children ?? [])])) {
      for (const name of ['href', 'src']) {
        const link = token.attrGet(name)
        if (link) token.attrSet(name, to(link))
      }
      if (token.type.startsWith('html_')) {
        token.content = token.content.replace(/(src|href|srcset)="([^"]+)"/g, (_, name, link) => `${name}="${to(link)}"`)
      }
    }
  })
}

/** A diagram is drawn in the browser. */
function mermaid(md) {
  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, ...rest) =>
    tokens[index].info.trim() === 'mermaid'
      ? `<Mermaid code="${encodeURIComponent(tokens[index].content)}"/>`
      : fence(tokens, index, ...rest)
}

export default defineConfig({
  title,
  description: pages.read('README.md').split('\n\n')[1].replace(/[`\n]/g, ' '),
  lang: 'en',
  base,
  srcDir: 'target/pages',
  outDir: process.env.SITE_OUT ?? path.join(site, 'target/site'),
  cacheDir: 'target/cache',
  // The Javadoc, which site/build puts there.
  ignoreDeadLinks: [/^\/api\//],
  head: [
    [
      'link',
      {
        rel: 'icon',
        href: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><circle cx='16' cy='16' r='11' fill='none' stroke='%230d9488' stroke-width='6'/></svg>",
      },
    ],
  ],
  markdown: {
    anchor: { slugify: slug },
    config(md) {
      adapt(md)
      mermaid(md)
    },
  },
  themeConfig: {
    nav: [
      ...sidebar
        .filter((group) => group.items[0].link.lastIndexOf('/') > 0)
        .map((group) => ({ text: group.text, link: group.items[0].link, activeMatch: path.posix.dirname(group.items[0].link + 'x') })),
      { text: 'Javadoc', link: '/api/index.html', target: '_self' },
      { text: 'Changelog', link: '/changelog' },
      { component: 'Versions', props: { versions } },
    ],
    sidebar,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          // Before the pages that mention everything: the features, the decisions, the changelog.
          searchOptions: { boostDocument: (id) => (/\/(guide|messages)\//.test(id) ? 3 : 1) },
        },
      },
    },
    footer: { message: 'Apache License 2.0' },
    externalLinkIcon: true,
  },
  vite: {
    build: { chunkSizeWarningLimit: 4000 },
  },
})
