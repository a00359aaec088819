// Which page each Markdown file of the repository becomes, and in which order. All of it comes from the folders,
// the headings and the links: a new file needs no entry here.
import fs from 'node:fs'
import path from 'node:path'

/** The files of docs/ that tell how the project is made. Those beside them are the reference. */
const PROJECT = ['docs/ARCHITECTURE.md', 'docs/DECISIONS.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
const README = 'README.md'
const TEXT = /\.(java|kt|xml|txt|json|jsonl|sh|c|properties)$|(^|\/)[^./]+$/

export class Pages {
  /** @param root the repository's folder @param out where the pages are written; what is there goes away */
  constructor(root, out) {
    this.root = root
    this.out = out
    this.byFile = new Map() // the page, by the file or the folder that it shows
    this.byPage = new Map()
    for (const file of [README, ...PROJECT.filter((one) => this.has(one)), ...this.markdown('docs')]) {
      this.add(file, this.name(file))
    }
  }

  has(file) {
    return fs.existsSync(path.join(this.root, file))
  }

  read(file) {
    return fs.readFileSync(path.join(this.root, file), 'utf8')
  }

  add(file, page) {
    this.byFile.set(file, page)
    this.byPage.set(page, file)
  }

  name(file) {
    if (file === README) return 'index.md'
    const { dir, base } = path.posix.parse(file.replace(/^docs\//, ''))
    // docs/FEATURES.md is features.html, but docs/messages/StreamFailed.md keeps the name of its type.
    return path.posix.join(dir, base === README ? 'index.md' : dir ? base : base.toLowerCase())
  }

  markdown(folder) {
    return this.files(folder).filter((file) => file.endsWith('.md'))
  }

  files(folder) {
    return fs
      .readdirSync(path.join(this.root, folder), { withFileTypes: true })
      .filter((one) => one.name !== 'target' && !one.name.startsWith('.'))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((one) => {
        const file = path.posix.join(folder, one.name)
        return one.isDirectory() ? this.files(file) : [file]
      })
  }

  title(file) {
    const heading = /^# (.+)$/m.exec(this.read(file))
    if (!heading) throw new Error(`${file} has no heading`)
    return heading[1].replaceAll('`', '')
  }

  /** What a file links to, in its order: files and folders of the repository. */
  links(file) {
    const targets = [...this.read(file).matchAll(/\]\(([^)\s#]+)[^)]*\)|(?:src|href|srcset)="([^"#\s]+)/g)]
    return targets.map((one) => this.resolve(file, one[1] ?? one[2])).filter((one) => one)
  }

  /** The file or the folder that a link means, or nothing when it leads out of the repository. */
  resolve(file, target) {
    if (/^([a-z]+:|[#/])/i.test(target)) return undefined
    const found = path.posix.join(path.posix.dirname(file), decodeURI(target.replace(/#.*/, ''))).replace(/\/$/, '')
    return found !== '.' && !found.startsWith('..') && this.has(found) ? found : undefined
  }

  /** A folder's pages: as its README links them, then as the repository's README does, then by name. */
  order(files, index) {
    const known = [index, README].filter((one) => one && this.has(one)).flatMap((one) => this.links(one))
    const place = (file) => (known.includes(file) ? known.indexOf(file) : known.length)
    return [...files].sort((a, b) => place(a) - place(b))
  }

  sidebar() {
    const entry = (file) => ({ text: this.title(file), link: '/' + this.byFile.get(file).replace(/(index)?\.md$/, '') })
    const all = [...this.byFile.keys()].filter((file) => file.endsWith('.md') && !this.byFile.get(file).startsWith('source/'))
    const groups = []
    for (const folder of new Set(all.map((file) => path.posix.dirname(file)).filter((one) => one.startsWith('docs/')))) {
      const index = `${folder}/${README}`
      const files = all.filter((file) => path.posix.dirname(file) === folder && file !== index)
      const name = path.posix.basename(folder)
      groups.push({
        text: name[0].toUpperCase() + name.slice(1),
        collapsed: groups.length > 0,
        items: [
          ...(this.has(index) ? [{ ...entry(index), text: 'Overview' }] : []),
          ...this.order(files, index).map(entry),
        ],
      })
    }
    const reference = all.filter((file) => path.posix.dirname(file) === 'docs' && !PROJECT.includes(file))
    groups.push({ text: 'Reference', collapsed: false, items: this.order(reference).map(entry) })
    groups.push({ text: 'Project', collapsed: false, items: PROJECT.filter((one) => this.has(one)).map(entry) })
    return groups
  }

  /** Where a link of this page leads on the site; undefined when it is to be left as it is. */
  target(page, link) {
    const from = this.byPage.get(page)
    const found = from && this.resolve(from, link)
    if (!found) return undefined
    const to = this.byFile.get(found) ?? this.byFile.get(`${found}/${README}`) ?? found.replace(/^docs\//, '')
    const relative = path.posix.relative(path.posix.dirname(page), to)
    return (relative.startsWith('.') ? relative : './' + relative) + (/#.*/.exec(link)?.[0] ?? '')
  }

  write() {
    fs.rmSync(this.out, { recursive: true, force: true })
    for (const [file, page] of [...this.byFile]) {
      this.put(page, file === README ? this.landing() : this.read(file))
      this.links(file).forEach((one) => this.show(one))
    }
  }

  put(page, text) {
    const to = path.join(this.out, page)
    fs.mkdirSync(path.dirname(to), { recursive: true })
    fs.writeFileSync(to, text)
  }

  /** Makes that which a page links to, and which is no page itself, part of the site. */
  show(file) {
    if (this.byFile.has(file) || this.byFile.has(`${file}/${README}`)) return
    if (fs.statSync(path.join(this.root, file)).isDirectory()) {
      this.add(file, `source/${file}/index.md`)
      const sources = this.files(file).filter((one) => /\/main\/.*\.(java|kt)$/.test(one))
      sources.forEach((one) => this.show(one))
      const list = sources.map((one) => `- [${path.posix.basename(one)}](${path.posix.relative(file, one)})`)
      this.put(this.byFile.get(file), SOURCE + `# ${file}\n\n${list.join('\n')}\n`)
    } else if (TEXT.test(file)) {
      this.add(file, `source/${file}.md`)
      const language = /\.(java|kt|xml|json|c)$/.exec(file)?.[1] ?? 'text'
      const text = '`````' + language + '\n' + this.read(file).trimEnd() + '\n`````\n'
      this.put(this.byFile.get(file), SOURCE + `# ${path.posix.basename(file)}\n\n\`${file}\`\n\n${text}`)
    } else {
      // A picture, which stays beside the pages.
      const to = path.join(this.out, file.replace(/^docs\//, ''))
      fs.mkdirSync(path.dirname(to), { recursive: true })
      fs.copyFileSync(path.join(this.root, file), to)
    }
  }

  /** The README with its heading and its first paragraph as the hero. */
  landing() {
    const [, title, intro, rest] = /^# (.+)\n\n([^]*?)\n\n([^]*)$/.exec(this.read(README))
    // Two sentences say what it is. What comes after them stays in the text.
    const line = intro.replaceAll('\n', ' ')
    const [tagline] = /^.+?[.](?: .+?[.])?(?= |$)/.exec(line) ?? [line]
    const first = this.sidebar()[0].items[0].link
    const hero = {
      layout: 'home',
      title,
      titleTemplate: ':title',
      hero: {
        name: title,
        tagline: tagline.replaceAll('`', ''),
        actions: [
          { theme: 'brand', text: 'Read the guide', link: first },
          { theme: 'alt', text: 'Javadoc', link: '/api/index.html', target: '_self' },
          { theme: 'alt', text: 'Features', link: '/features' },
        ],
      },
    }
    return `---\n${JSON.stringify(hero)}\n---\n\n${line.slice(tagline.length).trim()}\n\n${rest}`
  }
}

const SOURCE = '---\nsearch: false\naside: false\npageClass: source\n---\n\n'
