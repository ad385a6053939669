import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const OLDEST_NODE = 20
const OLDEST_JAVA = 17

/** What the machine must have. `problem` says what is wrong, or nothing; `remedy` says how to get it. */
const PREREQUISITES = [
  {
    name: `Node ${OLDEST_NODE} or newer`,
    neededFor: 'everything',
    problem: () =>
      majorOf(process.versions.node) >= OLDEST_NODE ? undefined : `this is Node ${process.versions.node}`,
    remedy: 'install it from your system’s packages, with a version manager (nvm install 24), or from nodejs.org',
  },
  {
    name: 'npm',
    neededFor: 'installation',
    problem: () => (isOnPath('npm') ? undefined : 'no npm on the PATH'),
    remedy: 'it comes with Node; some systems package it on its own (apt install npm)',
  },
  {
    name: `Java ${OLDEST_JAVA} or newer`,
    neededFor: 'platform',
    problem: javaProblem,
    remedy: `apt install openjdk-${OLDEST_JAVA}-jre-headless, dnf install java-${OLDEST_JAVA}-openjdk-headless, brew install openjdk, or set JAVA_HOME`,
  },
  {
    name: 'Maven',
    neededFor: 'platform',
    problem: () => (isOnPath('mvn') ? undefined : 'no mvn on the PATH'),
    remedy: 'apt install maven, dnf install maven, or brew install maven',
  },
  {
    name: 'a Unix shell',
    neededFor: 'platform',
    problem: () => (process.platform === 'win32' ? 'this is Windows' : undefined),
    remedy: 'run inside WSL (wsl --install)',
  },
]

/**
 * Everything that is missing, one line each: what, what was found instead, and how to get it.
 *
 * @param {object} needs
 * @param {boolean} needs.needsPlatform whether the embedded Kafka and schema registry will be started
 * @param {boolean} needs.needsNpm whether npm packages will be installed
 * @returns {string[]}
 */
export function missingPrerequisites({ needsPlatform, needsNpm }) {
  const needed = { everything: true, installation: needsNpm, platform: needsPlatform }
  return PREREQUISITES.filter(({ neededFor }) => needed[neededFor]).flatMap(({ name, problem, remedy }) => {
    const found = problem()
    return found === undefined ? [] : [`${name} (${found}): ${remedy}`]
  })
}

/** Whether a Docker engine answers this user. @returns {boolean} */
export function dockerAnswers() {
  const answer = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 5_000 })
  return answer.status === 0
}

function javaProblem() {
  const { JAVA_HOME } = process.env
  const java = JAVA_HOME ? join(JAVA_HOME, 'bin', 'java') : 'java'
  const answer = spawnSync(java, ['-version'], { encoding: 'utf8', timeout: 30_000 })
  if (answer.error || answer.status !== 0)
    return JAVA_HOME ? `JAVA_HOME has no working bin/java` : 'no working java on the PATH'
  const version = /version "(?:1\.)?(\d+)[^"]*"/.exec(answer.stderr)
  if (!version) return 'its version could not be read'
  return Number(version[1]) >= OLDEST_JAVA ? undefined : `found Java ${version[1]}`
}

function majorOf(version) {
  return Number.parseInt(version, 10)
}

function isOnPath(program) {
  const suffixes = process.platform === 'win32' ? ['.cmd', '.exe', ''] : ['']
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return folders.some(folder => suffixes.some(suffix => isExecutable(join(folder, program + suffix))))
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
