import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Channel } from '../../../services/producers/salesforce/change-events/channel.ts'
import { Notices } from '../../../services/producers/salesforce/change-events/notices.ts'
import { type Ending, PubSubFailure } from '../../../services/producers/salesforce/change-events/problems.ts'
import type {
  ConsumerEvent,
  FetchRequest,
  FetchResponse,
} from '../../../services/producers/salesforce/change-events/protocol.ts'
import type { PubSub } from '../../../services/producers/salesforce/change-events/pubsub.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { createMetrics } from '../../../services/runtime/metrics.ts'
import type { Session } from '../../../services/sinks/salesforce/api/session.ts'
import { manualClock } from '../../clock.ts'

export const name = '/data/TaskChangeEvent'
const known = new Map([
  ['task', (payload: Buffer) => headerOf(payload.toString(), 'Task')],
  ['order', (payload: Buffer) => headerOf(payload.toString(), 'Order')],
])
const headerOf = (text: string, entity: string) => {
  const [changeType = '', ...recordIds] = text.split(' ')
  return { entity, changeType, recordIds, key: text }
}

export const id = (n: number): string => `00T5g${String(n).padStart(10, '0')}EAA`
export const event = (n: number, text = `UPDATE ${id(n)}`, schemaId = 'task'): ConsumerEvent => ({
  event: { id: String(n), schemaId, payload: Buffer.from(text) },
  replayId: Buffer.from([n]),
})

/** One subscription, as the test sees it. */
interface Opened {
  readonly session: Session
  readonly requests: readonly FetchRequest[]
  isClosed(): boolean
  /** Gives events, or none with the place that there is up to then. */
  give(...events: readonly ConsumerEvent[]): Promise<void>
  pass(place: number): Promise<void>
  fail(ending: Ending): Promise<void>
}

const passing = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** Follows a channel of which the test makes what comes, by a clock that it moves. @param refusals why the first attempts fail @param position hexadecimal */
export const followed = async (
  context: TestContext,
  {
    position,
    refusals = [],
    canSubscribe = true,
  }: { readonly position?: string; readonly refusals?: (Ending | Error)[]; readonly canSubscribe?: boolean } = {},
) => {
  const clock = manualClock()
  const began = clock.now()
  const opened: Opened[] = []
  /** Seconds after the beginning of each attempt. */
  const attempts: number[] = []
  const lines: string[] = []
  const renewed: (string | undefined)[] = []
  const [notices, metrics] = [new Notices(), createMetrics()]
  let [sessions, woken] = [1, 0]
  const sessionOf = (number: number): Session => ({
    ...{ kind: 'session', accessToken: `token-${number}`, instanceUrl: 'https://x.example', userId: null },
    organizationId: null,
  })
  const pubsub: PubSub = {
    topic: topicName => Promise.resolve({ topicName, canSubscribe, schemaId: 'task' }),
    schema: () => Promise.resolve('{"type":"string"}'),
    subscribe: session => {
      const { stream, ...seen } = streamOf(session)
      opened.push(seen)
      return stream
    },
    close: () => undefined,
  }
  const channel = new Channel(name, position, {
    ...{ pubsub, metrics, notices, readers: new Map(known) },
    // A sleep of no time ends by itself.
    clock: { now: clock.now, sleep: (ms, signal) => (ms === 0 ? Promise.resolve() : clock.sleep(ms, signal)) },
    logger: createLogger({ level: 'trace', write: line => lines.push(line) }),
    noticed: () => {
      woken += 1
    },
    sessions: {
      session: (_, refused) => {
        attempts.push((clock.now() - began) / 1_000)
        renewed.push(refused?.accessToken)
        const refusal = refusals.shift()
        if (refused) sessions += 1
        if (refusal instanceof Error) return Promise.reject(refusal)
        return refusal ? Promise.reject(new PubSubFailure(refusal, 'OK')) : Promise.resolve(sessionOf(sessions))
      },
    },
  })
  const ending = new AbortController()
  const ended = channel.follow(ending.signal)
  context.after(async () => {
    ending.abort()
    await ended
  })
  await passing()
  return {
    ...{ channel, clock, opened, attempts, lines, renewed, notices, metrics },
    woken: () => woken,
    last: (): Opened => opened.at(-1) ?? assert.fail('nothing was subscribed to'),
    /** Second by second, as it would be waited. */
    wait: async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000)
        await passing()
      }
    },
  }
}

const streamOf = (session: Session) => {
  const requests: FetchRequest[] = []
  const waiting: (FetchResponse | PubSubFailure)[] = []
  let [wake, isClosed] = [(): void => {}, false]
  const put = async (what: FetchResponse | PubSubFailure): Promise<void> => {
    waiting.push(what)
    wake()
    await passing()
  }
  const close = (): void => {
    isClosed = true
    wake()
  }
  const responses = async function* (): AsyncGenerator<FetchResponse> {
    for (;;) {
      const next = waiting.shift()
      if (next instanceof PubSubFailure) throw next
      if (next) yield next
      else if (isClosed) throw new PubSubFailure('cut', 'CANCELLED')
      else
        await new Promise<void>(resolve => {
          wake = resolve
        })
    }
  }
  const response = (events: readonly ConsumerEvent[], place: number[]): FetchResponse => ({
    ...{ events, latestReplayId: Buffer.from(place), pendingNumRequested: 0 },
  })
  return {
    stream: { responses, close, request: (fetch: FetchRequest) => void requests.push(fetch) },
    ...{ session, requests },
    isClosed: () => isClosed,
    give: (...events: readonly ConsumerEvent[]) => put(response(events, [])),
    pass: (place: number) => put(response([], [place])),
    fail: (ending: Ending) => put(new PubSubFailure(ending, 'OK')),
  }
}
