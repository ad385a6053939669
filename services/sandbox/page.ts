import { readFileSync } from 'node:fs'

/** A piece of HTML that is safe to put into a page. Made by `html` only. */
export interface Html {
  readonly markup: string
}

type Insertion = string | number | Html | null | undefined | false | readonly Insertion[]

/** Template tag for HTML: escapes every insertion that is not HTML itself; lists are joined; null, undefined and false vanish. */
export const html = (parts: TemplateStringsArray, ...insertions: readonly Insertion[]): Html => ({
  markup: parts.reduce((text, part, index) => text + markupOf(insertions[index - 1]) + part),
})

const markupOf = (insertion: Insertion): string => {
  if (insertion === null || insertion === undefined || insertion === false) return ''
  if (typeof insertion === 'string') return escaped(insertion)
  if (typeof insertion === 'number') return String(insertion)
  if ('markup' in insertion) return insertion.markup
  return insertion.map(markupOf).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, character => ENTITIES[character] ?? character)

export interface PageContent {
  /** The vendor's name as people know it. */
  readonly title: string
  /** One line under it. */
  readonly subtitle: string
  /** CSS colour of the vendor. */
  readonly accent: string
  readonly content: Html
}

/**
 * A whole page. Elements with an `id` inside `<… data-live id="…">` follow the sandbox's state while the page is open: the page is fetched
 * again after each change, table rows are matched by `id` and cells that differ are highlighted. Inputs that a person is editing are left alone.
 */
export const renderPage = ({ title, subtitle, accent, content }: PageContent): string =>
  `<!doctype html>${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} sandbox</title>
<link rel="icon" href="data:,">
<style>:root{--accent:${accent}}${STYLE}</style>
</head>
<body>
<header><a class="brand" href="/"><span class="dot"></span>${title} <span class="tag">sandbox</span></a><span class="subtitle">${subtitle}</span><span class="link" data-connection>live</span></header>
<main>${content}</main>
<script>${LIVE}</script>
</body>
</html>`.markup
  }`

const asset = (name: string): Html => ({ markup: readFileSync(new URL(name, import.meta.url), 'utf8') })
const STYLE = asset('./page.css')
const LIVE = asset('./page-live.js')
