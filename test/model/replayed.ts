import { chainOf } from '../../services/replay/chain.ts'
import { locateRange } from '../../services/replay/positions.ts'
import { followPresentState } from '../../services/replay/present-state.ts'
import { parseRange } from '../../services/replay/range.ts'
import { type ReplayParts, runReplay } from '../../services/replay/replay.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { pipeline } from '../../topology/pipeline.ts'

export const erasureSecret = 'a secret of the tests'

/** Replays all that a consumer ever read, by the same map: a fix that changes nothing. Nothing happens while there is nothing to read. */
export const replayed = async (
  { kafka, codec, clock }: Omit<ReplayParts, 'state'>,
  consumer: string,
): Promise<void> => {
  const chain = chainOf(pipeline, consumer)
  const offsets = await kafka.topics.offsets(chain.consumer.reads.name)
  if (offsets.every(({ stable }) => stable === 0)) return
  const state = await followPresentState({ kafka, codec, chain, logger: silentLogger, erasureSecret })
  try {
    const range = await locateRange(kafka, chain.consumer.reads.name, parseRange('0', undefined, clock.now()))
    const request = { chain, range, keys: [], signal: new AbortController().signal, onProgress: () => undefined }
    await runReplay({ kafka, codec, clock, state }, { ...request, rate: 0 })
  } finally {
    await state.close()
  }
}
