/**
 * The partition of a key, as Java's default partitioner chooses it, so that any Java producer's records of a key lie with ours.
 * @param key UTF-8 text or bytes
 * @param partitions how many the topic has
 */
export const partitionFor = (key: string | Buffer, partitions: number): number =>
  (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions

const multiplier = 0x5bd1e995

/** Java's org.apache.kafka.common.utils.Utils.murmur2: a signed 32-bit hash. */
export const murmur2 = (bytes: Buffer): number => {
  const whole = bytes.length - (bytes.length % 4)
  let hash = 0x9747b28c ^ bytes.length
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), multiplier)
    word = Math.imul(word ^ (word >>> 24), multiplier)
    hash = Math.imul(hash, multiplier) ^ word
  }
  if (whole < bytes.length) {
    for (let at = bytes.length - 1; at >= whole; at--) hash ^= bytes.readUInt8(at) << (8 * (at - whole))
    hash = Math.imul(hash, multiplier)
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}
