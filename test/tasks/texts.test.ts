import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { htmlOfText, plainText, textOfHtml } from '../../services/tasks/texts.ts'

describe('a text of a task, as both CRMs are compared', () => {
  for (const [what, text, same] of [
    ['is the same whatever its lines end with', 'one\r\ntwo\rthree', 'one\ntwo\nthree'],
    ['is the same whatever blanks its lines end with', 'one \t\ntwo  ', 'one\ntwo'],
    ['is the same whatever empty lines it begins and ends with', '\n\n  one\n\ntwo\n\n', '  one\n\ntwo'],
    ['is nothing where there are blanks alone', '   ', null],
    ['is nothing where there is no text', 7, null],
  ] as const)
    it(`T7 ${what}`, () => assert.equal(plainText(text), same))

  it('T1 is what the HTML of HubSpot says: without its pictures, in the letters and lines that it has', () => {
    const long = 'word '.repeat(60).trim()
    const html = `<h1>About us</h1><p>${long}</p><p>See <b>this</b><img src="https://x.example/y.png" alt="Y"></p>`
    const text = textOfHtml(html) ?? ''
    assert.deepEqual(
      text.split('\n').filter(line => line !== ''),
      ['About us', long, 'See this'],
    )
    assert.equal(textOfHtml('<p> </p>'), null)
  })

  it('T7 says the same once it was HTML in HubSpot, whatever characters it has', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'é', '&', '<', '>', '"', "'", ';', '/'), minLength: 1 })
    const line = fc.array(word, { minLength: 1, maxLength: 4 }).map(words => words.join(' '))
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), lines => {
        const text = lines.join('\n')
        assert.equal(textOfHtml(htmlOfText(text)), text)
      }),
    )
  })
})
