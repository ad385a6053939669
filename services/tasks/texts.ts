import { compile } from 'html-to-text'

/** A text in the one spelling in which both sides are compared: lines end with \n, none at either end is empty; null for an empty one. */
export const plainText = (value: unknown): string | null => {
  if (typeof value !== 'string') return null
  const text = value
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .replace(/^\n+|\n+$/g, '')
  return text.trim() === '' ? null : text
}

const convert = compile({
  wordwrap: false,
  selectors: [
    { selector: 'img', format: 'skip' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map(selector => ({ selector, options: { uppercase: false } })),
  ],
  // A body has 65,536 characters at most; what is nested deeper than this is not by people.
  limits: { maxDepth: 200, maxInputLength: 70_000 },
})

/** What HTML, as HubSpot keeps bodies, says as a text. */
export const textOfHtml = (value: unknown): string | null =>
  plainText(typeof value === 'string' ? convert(value) : null)

/** A text as HTML that says the same; runs of blanks within a line count as one there. */
export const htmlOfText = (text: string): string => text.split('\n').map(escaped).join('<br>')

const escaped = (line: string): string => line.replace(/[&<>"]/g, character => entities[character] ?? character)

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
