import { installDependencies, isInstalled } from './dependencies.mjs'
import { missingPrerequisites } from './prerequisites.mjs'

/**
 * Makes a fresh clone able to run: checks what the machine must have, naming everything that is missing at once, and installs
 * the npm packages when they are absent or differ from package-lock.json. Ends the process with code 1 when it cannot.
 *
 * @param {object} options
 * @param {string} options.purpose what cannot be done when something is missing, as the message begins
 * @param {boolean} options.needsPlatform whether the embedded Kafka will be started, which takes Java and Maven
 * @param {boolean} options.needsDevelopmentPackages whether packages used only by checks and tests must be there too
 * @param {string[]} options.otherWays what else would do instead of Java and Maven
 */
export async function setUp({ purpose, needsPlatform, needsDevelopmentPackages, otherWays }) {
  const installed = isInstalled(needsDevelopmentPackages)
  const missing = missingPrerequisites({ needsPlatform, needsNpm: !installed })
  if (missing.length > 0) {
    const alternatives = needsPlatform ? otherWays.map(way => `Or ${way}.`) : []
    fail([`${purpose}: this machine lacks`, ...missing.map(line => `  - ${line}`), ...alternatives].join('\n'))
  }
  if (installed) return
  try {
    await installDependencies(needsDevelopmentPackages)
  } catch (error) {
    fail(`${purpose}: ${error.message}`)
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
