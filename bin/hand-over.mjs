import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './dependencies.mjs'

const NEEDED_NODE = 24
const FLAGS = [
  '--disable-warning=TimeoutNegativeWarning', // kafkajs schedules timers in the past; Node 24 warns on each
  '--max-semi-space-size=64', // megabytes; fewer and shorter collections while streaming many small objects
]
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']
const REPEAT_MS = 300
const PARENT_POLL_MS = 500

/**
 * Runs a TypeScript file on Node 24 and ends as it ends. The channel between the two tells the child when this process is gone,
 * however it went (services/platform/parent.ts listens). The child leads a process group of its own, so a Ctrl-C reaches it once,
 * through here, and not a second time from the terminal.
 *
 * @param {string} file relative to the repository
 * @param {string[]} args
 */
export function handOver(file, args) {
  const child = spawn(findNode(), [...FLAGS, join(ROOT, file), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
    env: { NODE_COMPILE_CACHE: join(ROOT, '.tributary', 'compile-cache'), ...process.env },
  })
  for (const signal of FORWARDED)
    process.on(
      signal,
      oncePer(REPEAT_MS, () => child.kill(signal)),
    )
  if (process.env.npm_lifecycle_event) stopWhenNpmIsGone(() => child.kill('SIGTERM'))
  child.on('error', error => {
    process.stderr.write(`Node ${NEEDED_NODE} could not be started: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}

/** The Node that the npm package `node` brought, else the machine's own when it is new enough. */
function findNode() {
  const bundled = join(ROOT, 'node_modules', 'node', 'bin', 'node')
  if (existsSync(bundled)) return bundled
  if (Number.parseInt(process.versions.node, 10) >= NEEDED_NODE) return process.execPath
  process.stderr.write(
    `The npm package "node" did not bring Node ${NEEDED_NODE} (its install script was not allowed, or has no binary for this system).\n` +
      `Run: npm rebuild node --ignore-scripts=false   or start with a Node ${NEEDED_NODE} of your own.\n`,
  )
  process.exit(1)
}

/** npm passes on a signal that the terminal has already sent to everyone; the second of the two is dropped. */
function oncePer(intervalMs, act) {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (now - last > intervalMs) act()
    last = now
  }
}

/**
 * npm runs a script through a shell that does not pass SIGTERM on, and nobody hears when npm itself is killed. So under npm, and
 * only there, the processes above are watched: without npm this program may rightly outlive the shell that started it.
 */
function stopWhenNpmIsGone(stop) {
  const before = ancestry()
  const poll = setInterval(() => {
    if (ancestry() === before) return
    clearInterval(poll)
    stop()
  }, PARENT_POLL_MS)
  poll.unref()
}

/** The parent's process id and, where a shell stands between npm and us (seen on Linux only), the one above it. */
function ancestry() {
  const { name, parent } = describeProcess(process.ppid)
  return /^(npm|node)/.test(name) ? `${process.ppid}` : `${process.ppid} ${parent}`
}

function describeProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    return { name, parent: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] }
  } catch {
    return { name: '', parent: '' }
  }
}
