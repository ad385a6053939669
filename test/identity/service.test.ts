import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IdentityClaim } from '../../schemas/generated.ts'
import { isWeak } from '../../services/identity/aliases.ts'
import { claim, erasures, Table } from './claim-sets.ts'
import { Running } from './running-resolver.ts'

const ada = 'email:ada@example.com'
const bob = 'email:bob@example.com'
const browser = 'anonymous:b1'
const registrant = 'zoom:registrant:r1'

/** The rows that the pure resolver makes of the claims, one a batch. */
const expected = (claims: readonly IdentityClaim[]): Table => {
  const table = new Table()
  for (const one of claims) table.take(one)
  return table
}

const plain = (rows: ReadonlyMap<string, unknown>): unknown => JSON.parse(JSON.stringify([...rows].sort()))

/** The first alias and everything about whom it named is forgotten. */
const assertForgotten = async (running: Running, ...keys: readonly string[]): Promise<void> => {
  const rows = await running.rows()
  for (const key of keys) {
    assert.equal(rows.get(key), undefined, `${key} has no row`)
    assert.equal(rows.get(erasures.keyOf(key))?.kind, 'ERASED', `${key} is known as erased`)
  }
}

test('claims become rows, and are counted', async () => {
  const running = await Running.create()
  const resolver = await running.start()
  const claims = [claim('SEEN', [ada, registrant], { attributes: { firstName: 'Ada' } }), claim('SEEN', [bob, browser])]
  await running.claim(...claims)
  assert.deepEqual(plain(await running.rows()), plain(expected(claims).rows))
  assert.equal(await running.lag(), 0)
  assert.equal(await running.metrics.value('tributary_claims_total', { kind: 'SEEN' }), 2)
  assert.equal(await running.metrics.value('tributary_identities', { kind: 'person' }), 2)
  assert.deepEqual(resolver.status(), { state: 'running' })
  await resolver.close()
  await running.kafka.close()
})

test('K2 a resolver that starts anew goes on from the rows of the topic, also of a compacted one', async () => {
  const running = await Running.create()
  const claims = [
    claim('SEEN', [ada], { time: 20 }),
    claim('SEEN', [bob, browser], { time: 10 }),
    claim('APART', [ada, bob]),
    claim('SEEN', [ada, registrant]),
    claim('MERGE', [registrant, bob]),
    claim('SEEN', [ada, browser]),
  ]
  for (const one of claims) {
    const resolver = await running.start()
    await running.claim(one)
    await resolver.close()
    running.kafka.compact('identities')
  }
  assert.deepEqual(plain(await running.rows()), plain(expected(claims).rows))
  await running.kafka.close()
})

test('more claims than one transaction takes are all resolved', async () => {
  const running = await Running.create()
  const claims = Array.from({ length: 1_203 }, (_, index) =>
    claim('SEEN', [`user:${index + 1}`, `email:${index % 100}@example.com`]),
  )
  await running.claim(...claims)
  await running.start()
  await running.kafka.idle()
  assert.deepEqual(new Set((await running.rows()).keys()).size > 1_303, true)
  assert.deepEqual(
    plain(await running.rows()),
    plain(
      new Table()
        .take(...claims.slice(0, 500))
        .take(...claims.slice(500, 1_000))
        .take(...claims.slice(1_000)).rows,
    ),
  )
  assert.equal(await running.metrics.value('tributary_transactions_total', { group: 'identity-resolver' }), 3)
  await running.kafka.close()
})

test('1 a transaction that fails leaves nothing behind: the claims are resolved once more from the committed rows', async () => {
  const running = await Running.create()
  const resolver = await running.start()
  const claims = [claim('SEEN', [ada]), claim('SEEN', [ada, bob], { time: 3 }), claim('ERASE', [bob])]
  for (const one of claims) {
    running.kafka.failNextCommit('identity-resolver')
    await running.claim(one)
  }
  assert.deepEqual(plain(await running.rows()), plain(expected(claims).rows))
  assert.equal(await running.lag(), 0)
  assert.equal(await running.metrics.value('tributary_claims_total'), 3)
  await resolver.close()
  await running.kafka.close()
})

test('3 a zombie commits nothing, and builds on what its successor committed when it is active again', async () => {
  const running = await Running.create()
  const first = await running.start()
  const second = await running.start()
  await running.kafka.idle()
  assert.deepEqual([first.status().state, second.status().state], ['running', 'standby'])
  const claims = [
    claim('SEEN', [ada]),
    claim('SEEN', [ada, bob], { time: 3 }),
    claim('SEEN', [bob, registrant], { time: 2 }),
    claim('SEEN', [ada, browser]),
  ]
  const [one, two, three, four] = claims as [IdentityClaim, IdentityClaim, IdentityClaim, IdentityClaim]
  await running.claim(one)
  running.kafka.takeOver('identity-resolver', 0)
  await running.claim(two)
  running.crash(first)
  await running.claim(three)
  assert.equal(second.status().state, 'running')
  const third = await running.start()
  await second.close()
  await running.claim(four)
  assert.equal(third.status().state, 'running')
  assert.deepEqual(plain(await running.rows()), plain(expected(claims).rows))
  await running.kafka.close()
})

test('23 what cannot be read or taken is a dead letter with its reason, and the claims around it are resolved', async () => {
  const running = await Running.create()
  const resolver = await running.start()
  const topic = 'identity-claims'
  await running.publish(
    { topic, key: ada, value: Buffer.from('corrupt'), headers: { origin: 'test' } },
    { topic, key: null, partition: 0, value: null },
  )
  await running.claim(claim('SEEN', ['email:nobody']), claim('SEEN', [ada]))
  const letters = await running.records('dead-letters')
  assert.deepEqual(
    letters.map(({ headers, value }) => [
      String(headers['error.code']),
      String(headers['error.service']),
      String(headers['error.offset']),
      value === null,
    ]),
    [
      ['UNDECODABLE', 'identity-resolver', '0', false],
      ['UNDECODABLE', 'identity-resolver', '1', false],
      ['ALIAS_MALFORMED', 'identity-resolver', '2', false],
    ].map((letter, index) => [...letter.slice(0, 3), index === 1]),
  )
  assert.deepEqual([String(letters[0]?.value), String(letters[0]?.headers['origin'])], ['corrupt', 'test'])
  assert.ok((await running.rows()).has(ada))
  assert.equal(await running.metrics.value('tributary_dead_letters_total', { code: 'UNDECODABLE' }), 2)
  assert.ok(running.logged.some(line => line.includes('ALIAS_MALFORMED')))
  assert.ok(!running.logged.some(line => line.includes('@') || line.includes('nobody')))
  await resolver.close()
  await running.kafka.close()
})

test('a resolver that would set too much aside stops before it, and says so', async () => {
  const running = await Running.create()
  const resolver = await running.start({ deadLettersPerMinute: 2 })
  await running.claim(...['a', 'b', 'c'].map(nobody => claim('SEEN', [nobody])))
  const { state, reason } = resolver.status()
  assert.equal(state, 'stopped')
  assert.match(reason ?? '', /DEAD_LETTER_CEILING/)
  assert.equal((await running.records('dead-letters')).length, 0)
  assert.equal(await running.lag(), 3)
  await resolver.close()
  await running.kafka.close()
})

test('29 a tombstone under an alias or a person on the identity topic erases the person', async () => {
  for (const removed of [ada, registrant, browser, 'id', 'former id']) {
    const running = await Running.create()
    const resolver = await running.start()
    await running.claim(claim('SEEN', [bob]))
    const former = (await running.rows()).get(bob)?.person
    await running.claim(claim('SEEN', [ada, registrant, browser]), claim('SEEN', [ada, bob], { time: 3 }))
    const id = (await running.rows()).get(ada)?.person
    const keys: Record<string, string> = { id: `person:${id}`, 'former id': `person:${former}` }
    const key = keys[removed] ?? removed
    await running.publish({ topic: 'identities', key, value: null })
    await assertForgotten(running, key, ada, bob, registrant, browser, `person:${id}`, `person:${former}`)
    const [last] = (await running.claims()).slice(-1)
    assert.equal(last?.kind, 'ERASE')
    assert.ok(last.aliases.includes(key) && last.aliases.filter(alias => isWeak(alias)).every(alias => alias === key))
    await running.claim(claim('SEEN', [ada]))
    assert.equal((await running.rows()).get(ada), undefined)
    await resolver.close()
    await running.kafka.close()
  }
})

test('29 a tombstone from before the resolver started erases too, also when compaction has taken it', async () => {
  for (const isCompacted of [false, true]) {
    for (const removed of [ada, 'id']) {
      const running = await Running.create()
      const before = await running.start()
      await running.claim(claim('SEEN', [ada, registrant, browser]), claim('SEEN', [bob]))
      await before.close()
      const id = (await running.rows()).get(ada)?.person
      await running.publish({ topic: 'identities', key: removed === 'id' ? `person:${id}` : removed, value: null })
      if (isCompacted) running.kafka.compact('identities')
      await running.start()
      await running.kafka.idle()
      await assertForgotten(running, ada, registrant, `person:${id}`)
      const rows = await running.rows()
      assert.equal(rows.get(browser), undefined)
      assert.equal(rows.get(bob)?.kind, 'ALIAS')
      await running.kafka.close()
    }
  }
})

test('an erasure of the resolver’s own, and a restart after it, asks for no other', async () => {
  const running = await Running.create()
  const resolver = await running.start()
  await running.claim(claim('SEEN', [ada, browser]), claim('SEEN', [bob]))
  await running.claim(claim('MERGE', [ada, bob]), claim('ERASE', [bob]))
  await resolver.close()
  const again = await running.start()
  await running.kafka.idle()
  assert.equal((await running.claims()).length, 4)
  await again.close()
  await running.kafka.close()
})

test('K9 an erasure stays after a restart and after compaction', async () => {
  const running = await Running.create()
  const before = await running.start()
  await running.claim(claim('SEEN', [ada, registrant], { attributes: { firstName: 'Ada' } }))
  await running.claim(claim('ERASE', [ada]))
  await before.close()
  running.kafka.compact('identities')
  const after = await running.start()
  await running.claim(claim('SEEN', [registrant, bob]))
  await assertForgotten(running, ada, registrant, bob)
  assert.ok((await running.records('identities')).every(({ key, value }) => !`${key}${value}`.includes('Ada')))
  await after.close()
  await running.kafka.close()
})

test('K9 a null record under an alias on the claims topic is an erasure', async () => {
  const running = await Running.create()
  const resolver = await running.start()
  await running.claim(claim('SEEN', [ada, browser]))
  await running.publish({ topic: 'identity-claims', key: browser, value: null })
  await assertForgotten(running, ada, browser)
  await resolver.close()
  await running.kafka.close()
})
