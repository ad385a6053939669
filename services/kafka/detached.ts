import type { StoredRecord } from './kafka.ts'

/**
 * The same record in memory of its own. Key, value and headers as they are read are slices of what was fetched: whoever kept one of them for long would keep all
 * of that, a megabyte for a line.
 */
export const detached = (record: StoredRecord): StoredRecord => {
  const headers = Object.entries(record.headers)
  const parts = [record.key, record.value, ...headers.map(([, bytes]) => bytes)]
  const memory = ownMemory(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0))
  let end = 0
  const copied = <Part extends Buffer | null>(part: Part): Part => {
    if (part === null) return part
    const start = end
    end += part.copy(memory, start)
    return memory.subarray(start, end) as Part
  }
  return {
    ...record,
    key: copied(record.key),
    value: copied(record.value),
    headers: Object.fromEntries(headers.map(([name, bytes]) => [name, copied(bytes)])),
  }
}

/** The same bytes in memory of their own. */
export const detachedBytes = (bytes: Buffer): Buffer => {
  const memory = ownMemory(bytes.length)
  bytes.copy(memory)
  return memory
}

/** Not of the slabs that Node cuts small buffers from: of each slab one row would stay, with 64 KB for its kilobyte. */
const ownMemory = (size: number): Buffer => Buffer.allocUnsafeSlow(size)
