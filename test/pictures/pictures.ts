import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../chromium.ts'
import { type RecordedWebinar, startRecordedWebinar } from './recorded-webinar.ts'

/** A picture of README.md. */
export interface Picture {
  /** Name of the file in docs/. */
  readonly file: string
  /** Of the recorded webinar, when the picture is taken. */
  readonly moment: string
  /** Pixels. */
  readonly height: number
  /** What must be read on it. */
  readonly shows: readonly string[]
  /** Opens the page and brings to the top what the picture is about. */
  open(page: Page, pages: RecordedWebinar['pages']): Promise<void>
}

const width = 1280
const during = '2026-10-14T15:30:30Z'
const afterwards = '2026-10-14T18:00:00Z'
/** Joined, left and joined again, by two addresses. */
const somebody = 'wei.chen@nordwind.example.com'

/** In the order of their moments. */
export const pictures: readonly Picture[] = [
  {
    ...{ file: 'contacts.png', moment: during, height: 800 },
    shows: ['Contacts 200', 'last status', 'attending', 'attended', 'last joined at'],
    open: async (page, { hubspot }) => void (await page.goto(hubspot)),
  },
  {
    ...{ file: 'tasks.png', moment: during, height: 600 },
    shows: ['Person', 'Contact', 'Lead', 'Attended: Tributary in Production', 'Completed', '2026-10-14'],
    open: async (page, { salesforce }) => void (await page.goto(salesforce)),
  },
  {
    ...{ file: 'timeline.png', moment: afterwards, height: 620 },
    shows: ['Marketing events', 'Registered for Zoom webinar', 'Joined Zoom webinar', 'Attended Zoom webinar', '43.8'],
    open: async (page, { hubspot }) => {
      await page.goto(`${hubspot}/?q=${somebody}`)
      await page.click('#records tbody a')
      await page.locator('#timeline').waitFor()
      await page.evaluate(
        'window.scrollBy(0, document.querySelector("#participations").getBoundingClientRect().top - 110)',
      )
    },
  },
]

/** Makes each picture in a folder and gives its path. Throws when a page does not show what it must, or shows it beyond the picture's edge. */
export async function* makePictures(folder: string, chromium: string): AsyncGenerator<string> {
  const webinar = await startRecordedWebinar()
  const browser = await launchChromium(chromium)
  try {
    for (const picture of pictures) {
      await webinar.playUntil(Date.parse(picture.moment))
      yield await take(picture, browser, webinar, folder)
    }
  } finally {
    await browser.close()
    await webinar.close()
  }
}

const take = async (
  picture: Picture,
  browser: Browser,
  { pages }: RecordedWebinar,
  folder: string,
): Promise<string> => {
  const { height, file } = picture
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: 'light', timezoneId: 'UTC' })
  await picture.open(page, pages)
  const missing = missingOn(await visibleText(page), picture.shows)
  if (missing.length > 0) throw new Error(`${file}: expected to read ${missing.join(', ')} on it`)
  const path = join(folder, file)
  await page.screenshot({ path })
  await page.close()
  return path
}

/** What of it a text lacks, whatever the spaces between words are. */
export const missingOn = (text: string, words: readonly string[]): readonly string[] => {
  const flat = text.replace(/\s+/g, ' ')
  return words.filter(word => !flat.includes(word))
}

/** The text of what lies within the window. */
const visibleText = async (page: Page): Promise<string> =>
  String(
    await page.evaluate(`[...document.querySelectorAll('header, nav, h2, th, td')]
      .filter(element => { const { top, bottom } = element.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight })
      .map(element => element.innerText).join(' ')`),
  )
