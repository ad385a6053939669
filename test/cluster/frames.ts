/** One whole request of a client or answer of a broker, as it goes over the wire. */
export interface Frame {
  readonly kind: 'request' | 'answer'
  /** The number of the request's kind in Kafka's protocol; of an answer that of its request. -1: not known. */
  readonly apiKey: number
  readonly bytes: Buffer
  /** Of an answer: the bytes of its request. */
  readonly request: Buffer
}

const lengthBytes = 4
const correlationAt = { request: 8, answer: 4 }

/** Cuts the two directions of one connection into frames: four bytes of length, then so many bytes (Kafka's protocol guide, "Request and Response Size"). */
export class FrameSplitter {
  private readonly rests: Record<Frame['kind'], Buffer> = { request: Buffer.alloc(0), answer: Buffer.alloc(0) }
  /** By correlation id. */
  private readonly asked = new Map<number, { readonly apiKey: number; readonly bytes: Buffer }>()

  requests(chunk: Buffer): readonly Frame[] {
    return this.split('request', chunk).map(bytes => {
      const apiKey = bytes.readInt16BE(lengthBytes)
      // Fetches are many and nobody asks for their requests again.
      this.asked.set(bytes.readInt32BE(correlationAt.request), {
        apiKey,
        bytes: apiKey === 1 ? Buffer.alloc(0) : bytes,
      })
      return { kind: 'request', apiKey, bytes, request: bytes }
    })
  }

  answers(chunk: Buffer): readonly Frame[] {
    return this.split('answer', chunk).map(bytes => {
      const id = bytes.readInt32BE(correlationAt.answer)
      const asked = this.asked.get(id)
      this.asked.delete(id)
      return { kind: 'answer', apiKey: asked?.apiKey ?? -1, bytes, request: asked?.bytes ?? Buffer.alloc(0) }
    })
  }

  private split(kind: Frame['kind'], chunk: Buffer): readonly Buffer[] {
    let rest = this.rests[kind].length === 0 ? chunk : Buffer.concat([this.rests[kind], chunk])
    const frames: Buffer[] = []
    while (rest.length >= lengthBytes) {
      const end = lengthBytes + rest.readInt32BE(0)
      if (rest.length < end) break
      frames.push(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    this.rests[kind] = rest
    return frames
  }
}
