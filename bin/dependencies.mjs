import { spawn } from 'node:child_process'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

const SLOW_MS = 2_000
/** npm names the cause first and then explains its whole command line. */
const OUTPUT_LINES = 20
const LOCK_PATIENCE_MS = 10 * 60_000
const LOCK_FILE = join(ROOT, '.tributary', 'install.lock')

/**
 * Installs the npm packages when those on disk differ from package-lock.json, by `npm ci`. Quiet when it is quick. Safe when several
 * processes begin at once: one installs, the others wait for it.
 *
 * @param {boolean} withDevelopment whether packages used only by checks and tests must be there
 * @throws {Error} with npm's own output when the installation failed
 */
export async function installDependencies(withDevelopment) {
  const release = await takeLock()
  try {
    if (!isInstalled(withDevelopment)) await npmCi()
  } finally {
    release()
  }
}

/**
 * Compares npm's own record of what it installed with package-lock.json. npm writes that record last, so an installation that was
 * cut short counts as none. A package for another system is optional and may be absent.
 *
 * @param {boolean} withDevelopment whether packages used only by checks and tests must be there
 * @returns {boolean}
 */
export function isInstalled(withDevelopment) {
  const wanted = readPackages(join(ROOT, 'package-lock.json'))
  const installed = readPackages(join(ROOT, 'node_modules', '.package-lock.json'))
  if (!wanted || !installed) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.optional || entry.devOptional || (entry.dev && !withDevelopment)) return true
    return installed[path]?.version === entry.version && installed[path]?.integrity === entry.integrity
  })
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** Runs `npm ci`; at this log level npm does not warn that some packages ask for a newer Node than the machine's own. */
async function npmCi() {
  const slow = setTimeout(() => say('Installing npm packages (once; about a minute) …'), SLOW_MS)
  const command = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = spawn('npm', command, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  let output = ''
  npm.stdout.on('data', chunk => (output += chunk))
  npm.stderr.on('data', chunk => (output += chunk))
  const code = await new Promise((resolve, reject) => npm.on('error', reject).on('close', resolve))
  clearTimeout(slow)
  if (code === 0) return
  const said = output.split('\n').slice(0, OUTPUT_LINES).join('\n')
  throw new Error(`the npm packages could not be installed (npm ci, exit code ${code}). npm said:\n${said}`)
}

/** Takes the lock, waiting while another living process has it. Returns what gives it back. */
async function takeLock() {
  mkdirSync(join(ROOT, '.tributary'), { recursive: true })
  const claim = `${LOCK_FILE}.${process.pid}`
  writeFileSync(claim, String(process.pid))
  const giveUpAt = Date.now() + LOCK_PATIENCE_MS
  const slow = setTimeout(() => say('Waiting for another process to finish installing the npm packages …'), SLOW_MS)
  try {
    while (!link(claim, LOCK_FILE)) {
      if (isAbandoned()) rmSync(LOCK_FILE, { force: true })
      else if (Date.now() > giveUpAt)
        throw new Error(`another process installs packages for too long; if none does, delete ${LOCK_FILE}`)
      else await delay(200)
    }
  } finally {
    clearTimeout(slow)
    rmSync(claim, { force: true })
  }
  return () => rmSync(LOCK_FILE, { force: true })
}

function link(from, to) {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Whether the lock names a process that has ended. A lock that has just been given back is not abandoned. */
function isAbandoned() {
  try {
    process.kill(Number(readFileSync(LOCK_FILE, 'utf8')), 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
