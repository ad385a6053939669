import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { TributaryError } from '../runtime/errors.ts'

/** Where the Java launcher is: JAVA_HOME if set, else the PATH. @throws TributaryError JAVA_MISSING */
export function findJava(): string {
  const { JAVA_HOME } = process.env
  const java = JAVA_HOME ? executableIn([join(JAVA_HOME, 'bin')], 'java') : executableIn(pathFolders(), 'java')
  if (java) return java
  const where = JAVA_HOME ? 'JAVA_HOME has no bin/java' : 'there is no java on the PATH'
  throw new TributaryError(
    'JAVA_MISSING',
    `The embedded Kafka needs Java 17 or newer, but ${where}. Install it or set JAVA_HOME; or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to use a Kafka of your own.`,
  )
}

/** Where Maven is. @throws TributaryError MAVEN_MISSING */
export function findMaven(): string {
  const maven = executableIn(pathFolders(), 'mvn')
  if (maven) return maven
  throw new TributaryError(
    'MAVEN_MISSING',
    'The embedded Kafka is fetched with Maven, but there is no mvn on the PATH. Install Maven; or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to use a Kafka of your own.',
  )
}

/** The environment of our servers: what a program needs to run, and none of our settings or secrets. */
export function plainEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ', 'JAVA_HOME']
  return Object.fromEntries(kept.flatMap(name => (process.env[name] ? [[name, process.env[name]]] : [])))
}

function pathFolders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
}

function executableIn(folders: readonly string[], program: string): string | undefined {
  return folders.map(folder => join(folder, program)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
