import type { Frame } from './frames.ts'

/** Numbers of requests in Kafka's protocol that tests look for. */
export const API_KEYS = {
  Produce: 0,
  Fetch: 1,
  Metadata: 3,
  OffsetFetch: 9,
  FindCoordinator: 10,
  Heartbeat: 12,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const

/** Which request or answer is held. */
export interface Wanted {
  readonly api: keyof typeof API_KEYS
  /** The request before the broker sees it, or its answer before the client does. */
  readonly hold: Frame['kind']
  /** Text that the request contains, such as a transactional id or a topic. */
  readonly containing?: string
}

/** Holds the first frame that fits, and with it all that follows on the same connection, until it is released. */
export class Trap {
  /** Resolves when it holds one. */
  readonly sprung: Promise<void>
  private readonly wanted: Wanted
  private readonly onEnd: () => void
  private readonly caught = Promise.withResolvers<void>()
  private readonly released = Promise.withResolvers<void>()
  private isSprung = false

  constructor(wanted: Wanted, onEnd: () => void) {
    this.wanted = wanted
    this.onEnd = onEnd
    this.sprung = this.caught.promise
  }

  async see({ kind, apiKey, request }: Frame): Promise<void> {
    const { api, hold, containing } = this.wanted
    if (this.isSprung || kind !== hold || apiKey !== API_KEYS[api]) return
    if (containing !== undefined && !request.includes(containing)) return
    this.isSprung = true
    this.caught.resolve()
    await this.released.promise
  }

  release(): void {
    this.onEnd()
    this.released.resolve()
  }
}
