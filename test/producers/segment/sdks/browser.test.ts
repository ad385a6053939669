import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { chromiumFile, launchChromium } from '../../../chromium.ts'
import { writeKey } from '../serving.ts'
import { assertStory, startToday, story } from './story.ts'

const sdk = readFileSync(new URL(import.meta.resolve('@segment/analytics-next/dist/umd/index.js')), 'utf8')
const file = chromiumFile()

interface Sdk {
  readonly AnalyticsBrowser: {
    load(
      settings: object,
      options: object,
    ): Record<'identify' | 'group' | 'track' | 'page', (...given: unknown[]) => Promise<unknown>>
  }
}

describe('S5 a page that sends with the real browser SDK', () => {
  it('of another origin, in Chromium', { skip: file ? false : 'no Chromium is installed' }, async () => {
    const serving = await startToday()
    const shop = createServer((_, answer) => answer.end('<title>Shop</title>')).listen(0, '127.0.0.1')
    await once(shop, 'listening')
    const browser = await launchChromium(file ?? '')
    try {
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${(shop.address() as AddressInfo).port}/`)
      await page.addScriptTag({ content: sdk })
      await page.evaluate(tellStory, { writeKey, apiHost: `${new URL(serving.url).host}/v1`, story })
      await assertStory(serving, { page: true })
    } finally {
      await browser.close()
      shop.close()
      await serving.close()
    }
  })
})

/** Runs in the page. The settings are those of the README; `protocol` only because this ingest has no TLS. */
const tellStory = async ({
  writeKey: apiKey,
  apiHost,
  story: told,
}: {
  writeKey: string
  apiHost: string
  story: typeof story
}): Promise<void> => {
  const { AnalyticsBrowser } = (globalThis as unknown as { readonly AnalyticsNext: Sdk }).AnalyticsNext
  const analytics = AnalyticsBrowser.load(
    { writeKey: apiKey, cdnSettings: { integrations: { 'Segment.io': { apiKey } } } },
    { integrations: { 'Segment.io': { apiHost, protocol: 'http' } } },
  )
  await analytics.identify(told.userId, told.traits)
  await analytics.group(told.groupId, told.groupTraits)
  await analytics.track(told.event, told.properties)
  await analytics.page(told.page)
}
