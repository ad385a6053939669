const GRACE_MS = 20_000

/**
 * Ends this process when the one that started it is gone, however that ended: bin/hand-over.mjs keeps a channel open that closes
 * with it. The process gets SIGTERM, so that it drains as it would for an operator, and SIGKILL should that take too long.
 * Does nothing when there is no such channel, as when Node was started by hand.
 */
export function endWithParent(): void {
  if (!process.channel) return
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  process.channel.unref()
}
