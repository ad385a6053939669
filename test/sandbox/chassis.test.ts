import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import { Refusal } from '../../services/sandbox/answers.ts'
import { html, renderPage } from '../../services/sandbox/page.ts'
import type { Store, Table } from '../../services/sandbox/store.ts'
import {
  rawBody,
  startVendorServer,
  type Vendor,
  type VendorServer,
  type VendorServerOptions,
} from '../../services/sandbox/vendor-server.ts'

interface Note {
  text: string
}

/** The smallest vendor: notes that can be put, refused and read. */
const notesVendor = ({ store }: { store: Store }): Vendor => {
  const notes: Table<Note> = store.table('notes')
  return {
    title: 'Notes',
    accent: '#333',
    state: () => ({ notes: [...notes.entries()].map(([id, note]) => ({ id, properties: { ...note } })) }),
    routes: app => {
      app.get('/notes/raw', request => ({ raw: rawBody(request).toString() }))
      app.put<{ Params: { id: string }; Body: Note }>('/notes/:id', (request, reply) => {
        if (!request.body.text) throw new Refusal({ status: 422, body: { error: 'no text' } })
        notes.set(request.params.id, { text: request.body.text })
        store.applied({ object: 'notes', id: request.params.id, operation: 'put', properties: { ...request.body } })
        return reply.status(200).send({ id: request.params.id })
      })
      app.delete<{ Params: { id: string } }>('/notes/:id', (request, reply) => {
        notes.delete(request.params.id)
        return reply.status(204).send()
      })
    },
    pages: app => {
      app.get('/', (_, reply) =>
        reply
          .type('text/html')
          .send(renderPage({ title: 'Notes', subtitle: '', accent: '#333', content: html`<p>${'<b>'}</p>` })),
      )
    },
    problem: ({ status, message }) => ({ status, body: { notes: message } }),
    reset: () => undefined,
  }
}

const started = async (context: TestContext, options: VendorServerOptions = {}): Promise<VendorServer> => {
  const server = await startVendorServer('notes', notesVendor, options)
  context.after(() => server.close())
  return server
}

const put = (server: VendorServer, id: string, text: string): Promise<Response> =>
  fetch(`${server.url}/notes/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  })

const post = (server: VendorServer, path: string, body: unknown = {}): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const read = async <Body>(server: VendorServer, path: string): Promise<Body> =>
  (await (await fetch(`${server.url}${path}`)).json()) as Body

const notesOf = async (server: VendorServer): Promise<Record<string, string>> => {
  const state = await read<{ notes: { id: string; properties: Note }[] }>(server, '/_sandbox/state')
  return Object.fromEntries(state.notes.map(note => [note.id, note.properties.text]))
}

describe('inspection', () => {
  it('shows requests in order with parsed bodies, and each applied write once', async context => {
    const server = await started(context)
    await put(server, 'a', 'one')
    await put(server, 'b', '')
    await fetch(`${server.url}/nowhere?x=1`)
    const requests = await read<{ at: number; method: string; path: string; status: number; body: unknown }[]>(
      server,
      '/_sandbox/requests',
    )
    assert.deepEqual(
      requests.map(({ method, path, status, body }) => ({ method, path, status, body })),
      [
        { method: 'PUT', path: '/notes/a', status: 200, body: { text: 'one' } },
        { method: 'PUT', path: '/notes/b', status: 422, body: { text: '' } },
        { method: 'GET', path: '/nowhere?x=1', status: 404, body: null },
      ],
    )
    assert.ok(requests.every(request => Number.isInteger(request.at)))
    const writes = await read<{ object: string; id: string; operation: string; properties: object }[]>(
      server,
      '/_sandbox/writes',
    )
    assert.deepEqual(
      writes.map(({ object, id, operation, properties }) => ({ object, id, operation, properties })),
      [{ object: 'notes', id: 'a', operation: 'put', properties: { text: 'one' } }],
    )
    assert.deepEqual(await notesOf(server), { a: 'one' })
  })

  it('answers an unknown route and an unreadable body in the shape of the vendor', async context => {
    const server = await started(context)
    const unknown = await fetch(`${server.url}/nowhere`)
    assert.equal(unknown.status, 404)
    assert.match(unknown.headers.get('content-type') ?? '', /application\/json/)
    assert.deepEqual(await unknown.json(), { notes: 'No route: GET /nowhere' })
    const unreadable = await fetch(`${server.url}/notes/a`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{',
    })
    assert.equal(unreadable.status, 400)
    assert.match(((await unreadable.json()) as { notes: string }).notes, /could not be parsed/)
  })

  it('takes a route with and without a slash at its end', async context => {
    const server = await started(context)
    assert.equal((await put(server, 'a/', 'one')).status, 200)
    assert.deepEqual(await notesOf(server), { a: 'one' })
  })

  it('reset empties state, logs and faults', async context => {
    const server = await started(context)
    await put(server, 'a', 'one')
    await post(server, '/_sandbox/faults', { match: {}, times: 9, answer: 'reset' })
    assert.equal((await post(server, '/_sandbox/reset')).status, 204)
    assert.deepEqual(await read(server, '/_sandbox/requests'), [])
    assert.deepEqual(await read(server, '/_sandbox/writes'), [])
    assert.deepEqual(await notesOf(server), {})
    assert.equal((await put(server, 'a', 'again')).status, 200)
  })

  it('play is 404 where the vendor plays nothing', async context => {
    assert.equal((await post(await started(context), '/_sandbox/play', { rate: 1 })).status, 404)
  })

  it('the page escapes what it shows', async context => {
    const page = await (await fetch((await started(context)).url)).text()
    assert.match(page, /<p>&lt;b&gt;<\/p>/)
  })

  it('a page of another origin cannot change anything', async context => {
    const server = await started(context)
    const answer = await fetch(`${server.url}/_sandbox/reset`, {
      method: 'POST',
      headers: { origin: 'http://example.com' },
    })
    assert.equal(answer.status, 403)
  })
})

describe('faults', () => {
  const answers = [
    { name: 'an object is JSON', answer: { status: 503, body: { why: 'down' } }, type: /json/, body: '{"why":"down"}' },
    {
      name: 'a text is HTML',
      answer: { status: 502, body: '<h1>Bad gateway</h1>' },
      type: /html/,
      body: '<h1>Bad gateway</h1>',
    },
    {
      name: 'headers are the given ones',
      answer: { status: 429, headers: { 'retry-after': '3', 'content-type': 'text/plain' }, body: 'slow' },
      type: /plain/,
      body: 'slow',
    },
    { name: 'no body has no type', answer: { status: 423 }, type: /^$/, body: '' },
  ]
  for (const { name, answer, type, body } of answers) {
    it(`answers with status ${answer.status}, N times, before anything is applied: ${name}`, async context => {
      const server = await started(context)
      assert.equal(
        (await post(server, '/_sandbox/faults', { match: { method: 'PUT', path: '/notes/a' }, times: 2, answer }))
          .status,
        204,
      )
      assert.equal((await put(server, 'b', 'other path')).status, 200)
      for (let count = 0; count < 2; count += 1) {
        const refused = await put(server, 'a', 'one')
        assert.equal(refused.status, answer.status)
        assert.match(refused.headers.get('content-type') ?? '', type)
        assert.equal(await refused.text(), body)
      }
      assert.deepEqual(await notesOf(server), { b: 'other path' })
      assert.equal((await put(server, 'a', 'one')).status, 200)
    })
  }

  it('reset cuts the connection before anything is applied, reset-after-apply after it', async context => {
    const server = await started(context)
    for (const [answer, expected] of [
      ['reset', {}],
      ['reset-after-apply', { a: 'reset-after-apply' }],
    ] as const) {
      await post(server, '/_sandbox/faults', { match: { path: '/notes' }, answer })
      await assert.rejects(put(server, 'a', answer), error => (error as Error).message === 'fetch failed')
      assert.deepEqual(await notesOf(server), expected)
    }
    const requests = await read<{ status: number | null }[]>(server, '/_sandbox/requests')
    assert.deepEqual(
      requests.map(request => request.status),
      [null, null],
    )
    const writes = await read<unknown[]>(server, '/_sandbox/writes')
    assert.equal(writes.length, 1)
  })

  it('a delay waits by the clock and then applies', async context => {
    const slept: number[] = []
    const clock = { now: () => 5, sleep: (ms: number) => Promise.resolve(void slept.push(ms)) }
    const server = await started(context, { clock })
    await post(server, '/_sandbox/faults', { answer: { delayMs: 70 } })
    assert.equal((await put(server, 'a', 'one')).status, 200)
    assert.deepEqual(slept, [70])
  })

  const mistakes = [
    {},
    { answer: 'resett' },
    { answer: 'reset', tims: 2 },
    { answer: { status: 99 } },
    { match: { verb: 'PUT' }, answer: 'reset' },
  ]
  for (const mistake of mistakes) {
    it(`refuses ${JSON.stringify(mistake)} and says where it is wrong`, async context => {
      const answer = await post(await started(context), '/_sandbox/faults', mistake)
      assert.equal(answer.status, 400)
      assert.match(((await answer.json()) as { message: string }).message, /Sandbox inspection/)
    })
  }
})

describe('journal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-journal-'))
  after(() => rmSync(folder, { recursive: true }))
  let count = 0
  const file = (): string => {
    count += 1
    return join(folder, `${count}.jsonl`)
  }
  const run = async (journalFile: string, work: (server: VendorServer) => Promise<unknown>): Promise<void> => {
    const server = await startVendorServer('notes', notesVendor, { journalFile })
    await work(server).finally(() => server.close())
  }

  it('holds a change before its answer leaves, so that kill -9 loses nothing that was answered', async context => {
    const journalFile = file()
    const server = await started(context, { journalFile })
    await put(server, 'a', 'one')
    const lines = readFileSync(journalFile, 'utf8').trim().split('\n')
    assert.deepEqual(JSON.parse(lines.at(-1) ?? '').rows, [['notes', 'a', { text: 'one' }]])
  })

  it('restores rows, removals and the log of writes', async () => {
    const journalFile = file()
    await run(journalFile, async server => {
      for (const id of ['a', 'b', 'a']) await put(server, id, `text ${id}`)
      await fetch(`${server.url}/notes/b`, { method: 'DELETE' })
    })
    for (let restart = 0; restart < 2; restart += 1) {
      await run(journalFile, async server => {
        assert.deepEqual(await notesOf(server), { a: 'text a' })
        assert.equal((await read<unknown[]>(server, '/_sandbox/writes')).length, 3)
      })
    }
  })

  it('stays empty after a reset and a restart', async () => {
    const journalFile = file()
    await run(journalFile, async server => {
      await put(server, 'a', 'one')
      await post(server, '/_sandbox/reset')
      await put(server, 'b', 'two')
    })
    await run(journalFile, async server => assert.deepEqual(await notesOf(server), { b: 'two' }))
  })

  it('leaves out a last line that a crash cut off', async () => {
    const journalFile = file()
    await run(journalFile, server => put(server, 'a', 'one'))
    appendFileSync(journalFile, '{"rows":[["notes","b",{"te')
    await run(journalFile, async server => assert.deepEqual(await notesOf(server), { a: 'one' }))
  })

  it('refuses a corrupt line and a journal of something else, naming the file', async () => {
    const corrupt = file()
    await run(corrupt, server => put(server, 'a', 'one'))
    appendFileSync(corrupt, 'rubbish\n')
    await assert.rejects(startVendorServer('notes', notesVendor, { journalFile: corrupt }), {
      code: 'SANDBOX_JOURNAL_CORRUPT',
    })
    const foreign = file()
    appendFileSync(foreign, '{"vendor":"other","format":1}\n')
    await assert.rejects(startVendorServer('notes', notesVendor, { journalFile: foreign }), {
      code: 'SANDBOX_JOURNAL_FOREIGN',
    })
  })
})

it('a port in use is named, with the setting that changes it', async context => {
  const holder = createServer()
  context.after(() => holder.close())
  const port = await new Promise<number>(resolve => {
    holder.listen(0, '127.0.0.1', () => resolve((holder.address() as { port: number }).port))
  })
  await assert.rejects(startVendorServer('notes', notesVendor, { port }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'PORT_IN_USE')
    assert.match(error.message, new RegExp(`${port}.*SANDBOX_PORT_BASE`))
    return true
  })
})
