import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pipeline } from '../../topology/pipeline.ts'
import { baseName, filesUnder } from './repository.ts'

/** Folders of tests that mirror those of services. */
const mirrored = ['consumers', 'producers', 'sinks'] as const

/**
 * Test files that are about nothing that exists. `test/<part>/<name>.test.ts` is about `services/<part>/<name>` (a file or folder), or about a part of it when
 * it is called `<name>-…`; a test in a folder is about the folder of that name; one beside a helper of the tests is about the helper.
 */
const orphanTests = (tests: readonly string[], files: readonly string[]): readonly string[] =>
  tests.filter(test => {
    const [, part = '', ...rest] = test.split('/')
    const subject = rest.length > 1 ? (rest[0] ?? '') : baseName(test)
    const names = new Set(
      files.flatMap(file => {
        const [top, folder, name = ''] = file.split('/')
        return folder === part && (top === 'services' || top === 'test') && !file.endsWith('.test.ts')
          ? [baseName(name)]
          : []
      }),
    )
    return ![...names].some(name => name === subject || subject.startsWith(`${name}-`))
  })

const files = filesUnder(...mirrored.flatMap(part => [`services/${part}/**/*.ts`, `test/${part}/**/*.ts`]))
const tests = files.filter(path => path.endsWith('.test.ts'))

describe('tests', () => {
  it('are each about something that exists', () => {
    assert.ok(tests.length > 0)
    assert.deepEqual(orphanTests(tests, files), [])
  })

  it('K2 exist for every consumer', () => {
    const tested = new Set(filesUnder('test/consumers/*.test.ts').map(baseName))
    assert.deepEqual(
      pipeline.consumers.flatMap(({ name }) => (tested.has(name) ? [] : [`test/consumers/${name}.test.ts`])),
      [],
    )
  })

  it('exist for every producer and every sink', () => {
    const folders = (part: string): string[] => [
      ...new Set(filesUnder(`services/${part}/*/*.ts`).map(path => path.split('/')[2] ?? '')),
    ]
    for (const part of ['producers', 'sinks']) {
      for (const folder of folders(part)) {
        const about = filesUnder(`test/${part}/${folder}/*.test.ts`, `test/${part}/${folder}-*.test.ts`)
        assert.ok(about.length > 0, `services/${part}/${folder} has no test`)
      }
    }
  })
})

describe('the checks of tests', () => {
  const services = [
    'services/consumers/webinar-contact.ts',
    'services/producers/zoom/events.ts',
    'test/consumers/laws.ts',
  ]

  it('find a test about nothing', () => {
    const orphans = [
      'test/consumers/webinar-forgotten.test.ts',
      'test/consumers/webinar.test.ts',
      'test/producers/pendo/events.test.ts',
      'test/sinks/hubspot-contacts.test.ts',
    ]
    assert.deepEqual(orphanTests(orphans, [...services, ...orphans]), orphans)
  })

  it('know a test about a file, a part of it, a folder and a helper', () => {
    const known = [
      'test/consumers/webinar-contact.test.ts',
      'test/consumers/webinar-contact-any-order.test.ts',
      'test/producers/zoom/any-body.test.ts',
      'test/consumers/laws.test.ts',
    ]
    assert.deepEqual(orphanTests(known, [...services, ...known]), [])
  })
})
