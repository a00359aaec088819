// Opens the built site as its readers do, in headless Chromium. See site/check.
import fs from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { file, folder, serve } from './serve.js'

const WIDTHS = [1280, 360]
const complaints = new Set()
const server = await serve(0)
const origin = `http://127.0.0.1:${server.address().port}`
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})

const files = fs.readdirSync(folder, { recursive: true }).filter((one) => one.endsWith('.html'))
const isJavadoc = (name) => /(^|\/)api\//.test(name)
const pages = files.filter((name) => !isJavadoc(name)).map((name) => '/' + name)
const ids = new Map() // those of each page, by its path
const links = [] // [page, the address that it leads to]

/** A tab that complains of all that goes wrong in it. */
async function tab(options) {
  const context = await browser.newContext(options)
  // The machine may have no network: what is not the site's own is refused, and is a fault of the page.
  await context.route((url) => url.origin !== origin, (route) => {
    complaints.add(`${new URL(route.request().frame().url()).pathname} loads ${route.request().url()}`)
    return route.abort()
  })
  const page = await context.newPage()
  const complain = (what) => complaints.add(`${new URL(page.url()).pathname} ${what}`)
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complain(`says on the console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complain(`throws: ${error.message}`))
  page.on('response', (response) => {
    if (response.status() >= 400) complain(`asks for ${new URL(response.url()).pathname}: ${response.status()}`)
  })
  return page
}

/** Every page, at both widths. */
async function read(page, queue) {
  for (let name = queue.pop(); name; name = queue.pop()) {
    await page.setViewportSize({ width: WIDTHS[0], height: 900 })
    await page.goto(origin + name, { waitUntil: 'load' })
    await page.waitForFunction(() => document.querySelector('#app')?.__vue_app__)
    await page.waitForFunction(() => [...document.querySelectorAll('.mermaid')].every((one) => one.querySelector('svg')))
    const found = await page.evaluate(() => ({
      ids: [...document.querySelectorAll('[id]')].map((one) => one.id),
      links: [...document.querySelectorAll('a[href]')].map((one) => one.href),
      errors: document.querySelectorAll('.mermaid .error-icon').length,
      broken: [...document.images].filter((one) => one.complete && one.naturalWidth === 0).map((one) => one.src),
    }))
    ids.set(name, new Set(found.ids))
    found.links.forEach((to) => links.push([name, to]))
    found.broken.forEach((one) => complaints.add(`${name} shows a broken picture, ${one}`))
    if (found.errors) complaints.add(`${name} has a diagram that cannot be drawn`)
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 })
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      if (wide > width) complaints.add(`${name} is ${wide} px wide on a screen of ${width}`)
    }
  }
}

/** Finds a word by the search, and opens what was found. */
async function search(page, width) {
  await page.setViewportSize({ width, height: 900 })
  await page.goto(origin + '/')
  await page.click('.VPNavBarSearch button')
  await page.fill('#localsearch-input', 'mailbox')
  await page.waitForSelector('#localsearch-list [role=option] a')
  await page.click('#localsearch-list [role=option] a')
  await page.waitForFunction(() => location.pathname !== '/' && /mailbox/i.test(document.querySelector('main')?.innerText))
}

/** The switch of dark mode darkens the page, and it stays so on the next. */
async function dark(page) {
  await page.setViewportSize({ width: WIDTHS[0], height: 900 })
  const light = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.goto(origin + '/')
  const before = await light()
  await page.click('.VPNavBarAppearance button')
  await page.waitForFunction(() => document.documentElement.classList.contains('dark'))
  await page.goto(origin + pages.find((one) => one.startsWith('/guide/')))
  if ((await light()) === before) complaints.add('the switch of dark mode changes nothing')
}

/** The selector is in the bar, and on a narrow screen in the menu; it leads to each version. */
async function versions(page) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    await page.goto(origin + '/')
    if (width < 768) await page.click('.VPNavBarHamburger')
    const shown = await page.locator('.versions select:visible').count()
    if (shown !== 1) complaints.add(`${shown} version selectors at ${width} px`)
    const select = page.locator('.versions select:visible')
    const folders = await select.locator('option').evaluateAll((all) => all.map((one) => one.value))
    for (const folder of folders.filter((one) => one !== '/')) {
      await page.goto(origin + '/')
      if (width < 768) await page.click('.VPNavBarHamburger')
      await select.selectOption(folder)
      await page.waitForURL(origin + folder)
    }
  }
}

/** The Javadoc's pages are not opened, which would take minutes, but for the first: their links are read. */
function readJavadoc() {
  for (const name of files.filter(isJavadoc)) {
    const html = fs.readFileSync(path.join(folder, name), 'utf8')
    ids.set('/' + name, new Set([...html.matchAll(/\sid="([^"]+)"/g)].map((one) => unescape(one[1]))))
    for (const [, href] of html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
      links.push(['/' + name, new URL(unescape(href), `${origin}/${name}`).href])
    }
  }
}

function unescape(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}

/** Complains of each place once, however many links lead there. */
function follow() {
  const reached = new Set(pages.filter((name) => name.endsWith('/404.html')))
  const wrong = new Map()
  for (const [from, to] of links) {
    const url = new URL(to)
    if (url.origin !== origin) continue
    const found = file(url.pathname)
    const name = found && '/' + path.relative(folder, found)
    const anchor = decodeURIComponent(url.hash.slice(1))
    if (!found || (anchor && ids.has(name) && !ids.get(name).has(anchor))) {
      const place = url.pathname + url.hash
      wrong.set(place, (wrong.get(place) ?? new Set()).add(from))
    }
    if (from !== name) reached.add(name)
  }
  for (const [place, [first, ...others]] of wrong) {
    complaints.add(`${place} is not there; ${first} leads to it${others.length ? `, and ${others.length} more` : ''}`)
  }
  pages.filter((name) => !reached.has(name)).forEach((name) => complaints.add(`no page leads to ${name}`))
}

try {
  const queue = [...pages]
  const tabs = await Promise.all([tab(), tab()])
  await Promise.all(tabs.map((one) => read(one, queue)))
  for (const width of WIDTHS) await search(tabs[0], width)
  await dark(tabs[0])
  await versions(tabs[1])
  await tabs[1].goto(origin + '/api/index.html', { waitUntil: 'load' })
  readJavadoc()
  follow()
} catch (error) {
  complaints.add(error.stack)
} finally {
  await browser.close()
  server.close()
}
complaints.forEach((one) => console.error(`site/check: ${one}`))
console.log(`${pages.length} pages opened at ${WIDTHS.join(' and ')} px, ${links.length} links followed, ${complaints.size} complaints`)
process.exitCode = complaints.size ? 1 : 0
