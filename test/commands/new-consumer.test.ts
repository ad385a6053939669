import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { copyRepository, type RepositoryCopy } from './new-consumer.ts'

const source = 'services/consumers/last-seen.ts'
const test = 'test/consumers/last-seen.test.ts'
const map = 'topology/pipeline.ts'

let copy: RepositoryCopy
before(() => {
  copy = copyRepository()
})
after(() => copy.remove())

const succeeds = (program: string, ...args: readonly string[]): void => {
  const { status, stdout, stderr } = copy.run(program, ...args)
  assert.equal(status, 0, `${stdout}${stderr}`)
}

describe('tributary new consumer', () => {
  it('K6 writes a file, a line in the map and a test, and tells the next three steps', () => {
    const { status, stdout, stderr } = copy.tributary('new', 'consumer', 'last-seen')
    assert.equal(status, 0, stderr)
    for (const path of [source, test, map]) assert.match(stdout, new RegExp(`(wrote|changed) +${path}`))
    assert.deepEqual(stdout.match(/^\d\./gm), ['1.', '2.', '3.'])
    assert.match(copy.read(map), /^import lastSeen from '\.\.\/services\/consumers\/last-seen\.ts'$/m)
    assert.match(copy.read(map), /^ {2}consumers: \[[\w\s,]*,\s+lastSeen,?\s*\],$/m)
    assert.match(copy.read(source), /reads: tracks,\n.*by: 'person', ifMissing: 'park'/)
  })

  it('K6 prints what it wrote as JSON, and reads and joins as it was told', () => {
    const flags = ['--reads', 'webinars', '--if-missing', 'create', '--json']
    const { status, stdout, stderr } = copy.tributary('new', 'consumer', 'company-website', ...flags)
    assert.equal(status, 0, stderr)
    const { next, ...printed } = JSON.parse(stdout)
    assert.equal(next.length, 3)
    assert.deepEqual(printed, {
      consumer: 'company-website',
      reads: 'webinars',
      ifMissing: 'create',
      wrote: ['services/consumers/company-website.ts', 'test/consumers/company-website.test.ts'],
      changed: [map],
    })
    assert.match(copy.read('services/consumers/company-website.ts'), /reads: webinars,\n.*ifMissing: 'create'/)
  })

  it('K6 what it wrote is formatted and passes the linter', () => {
    const files = [source, test, map, 'services/consumers/company-website.ts', 'test/consumers/company-website.test.ts']
    succeeds('biome', 'check', '--vcs-enabled=false', ...files)
  })

  it('K6 what it wrote compiles', () => succeeds('tsc', '--noEmit'))

  it('K6 the new test fails and says what to do', () => {
    const { status, stdout } = copy.run('node', '--test', test)
    assert.equal(status, 1)
    assert.match(stdout, /Let handle in services\/consumers\/last-seen\.ts return/)
  })

  it('K6 the new test passes as soon as the consumer asks for something', () => {
    const written = copy.read(source)
    const writes = `handle: ({ event }) => ({ writes: [hubspotContact.set({ jobtitle: event.name })] })`
    copy.write(source, written.replace('handle: () => ({ writes: [] })', writes))
    succeeds('node', '--test', test)
    copy.write(source, written)
  })

  it('K6 a second run refuses and changes nothing', () => {
    const before = copy.read(map)
    const { status, stderr } = copy.tributary('new', 'consumer', 'last-seen')
    assert.equal(status, 1)
    assert.match(stderr, /^CONSUMER_NAME_TAKEN: .*last-seen, which is a consumer/)
    assert.equal(copy.read(map), before)
  })

  it('K6 a file that is there is never overwritten, and nothing else is written', () => {
    const before = copy.read(map)
    const own = 'test/consumers/first-visit.test.ts'
    copy.write(own, 'mine')
    const { status, stderr } = copy.tributary('new', 'consumer', 'first-visit')
    assert.equal(status, 1)
    assert.match(stderr, /^FILE_EXISTS: .*first-visit\.test\.ts/)
    assert.equal(copy.read(own), 'mine')
    assert.equal(copy.exists('services/consumers/first-visit.ts'), false)
    assert.equal(copy.read(map), before)
  })

  it('K6 a map that is written otherwise is left as it is', () => {
    const before = copy.read(map)
    const otherwise = before.replace('  consumers: [', '  consumers: [...[], ')
    copy.write(map, otherwise)
    const { status, stderr } = copy.tributary('new', 'consumer', 'second-visit')
    assert.equal(status, 1)
    assert.match(stderr, /^MAP_NOT_UNDERSTOOD: /)
    assert.equal(copy.exists('services/consumers/second-visit.ts'), false)
    assert.equal(copy.read(map), otherwise)
    copy.write(map, before)
  })

  it('K6 only streams whose events name a person can be read', () => {
    for (const stream of ['accounts', 'hubspot-writes']) {
      const { status, stderr } = copy.tributary('new', 'consumer', 'third-visit', '--reads', stream)
      assert.equal(status, 1)
      assert.match(
        stderr,
        /Allowed choices are visitors, tracks, webinars, tasks, prospects, participations, person-profiles\./,
      )
    }
  })
})
