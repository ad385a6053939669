import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { settingNames } from '../../services/runtime/config/settings.ts'
import { contentOf } from './repository.ts'

const document = contentOf('docs/security.md')
const docs = new URL('../../docs/', import.meta.url)
const { packages } = JSON.parse(contentOf('package-lock.json')) as {
  packages: Readonly<Record<string, { readonly version: string }>>
}

const all = (pattern: RegExp): readonly string[] => [...document.matchAll(pattern)].map(([, found]) => found ?? '')

/** Every version of a package that package-lock.json has, wherever it is installed. */
const lockedVersions = (name: string): readonly string[] =>
  Object.entries(packages)
    .filter(([path]) => path.endsWith(`node_modules/${name}`))
    .map(([, { version }]) => version)

/** The rows of the table of known vulnerabilities: its first cell and the versions in the cell `here`. */
const answered = document
  .split('\n')
  .filter(line => /\| (GHSA|CVE|SNYK)-/.test(line))
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, name = '', , , , here = '']) => ({ name, here: here.split(/[,;] /).toSorted() }))

describe('docs/security.md', () => {
  it('names the versions that are installed: an answer is about those', () => {
    const npm = answered.filter(({ name }) => lockedVersions(name).length > 0)
    assert.ok(npm.length > 10)
    for (const { name, here } of npm) assert.deepEqual(here, [...new Set(lockedVersions(name))].toSorted(), name)
    const kafka = /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/.exec(contentOf('services/platform/pom.xml'))?.[1]
    assert.ok(answered.some(({ name, here }) => name === 'Apache Kafka' && here.includes(kafka ?? '')))
  })

  it('names settings that are read', () => {
    const known = new Set<string>(settingNames)
    const named = all(/`([A-Z]+(?:_[A-Z]+)+)`/g).map(name => name.replace(/_FILE$/, ''))
    assert.ok(named.length > 10)
    assert.deepEqual(
      named.filter(name => !known.has(name)),
      [],
    )
  })

  it('links to what exists', () => {
    const files = all(/\]\(([^)#]+)(?:#[^)]*)?\)/g)
    assert.ok(files.length > 4)
    assert.deepEqual(
      files.filter(file => !existsSync(fileURLToPath(new URL(file, docs)))),
      [],
    )
  })
})
