import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { contentOf, filesUnder, root } from './repository.ts'

const longest = 350

/** Names that say nothing of what is inside, so that anything ends up there. */
const junkDrawers = /^(utils?|helpers?|common|managers?|misc|shared|lib|stuff|various)$/

/** Made of parts, so that this file does not find itself. */
const hosts = [
  'registry.npm' + 'js',
  'registry.yarn' + 'pkg',
  'repo1.' + 'maven',
  'repo.' + 'maven',
  'docker' + '.io',
  'gh' + 'cr.io',
  'quay' + '.io',
]
const later = `(?:${['TO' + 'DO', 'FIX' + 'ME'].join('|')})`
/** At the beginning of a comment, or with a colon: one of the words is a type of task in HubSpot. */
const laterWords = new RegExp(`(?://|\\*|#)\\s*${later}\\b|\\b${later}:`)
const machinePath = new RegExp(`(^|[\\s"'\`(=:])/(${['home', 'Us' + 'ers', 'ro' + 'ot', 'work'].join('|')})/`, 'm')

interface File {
  readonly path: string
  readonly content: string
}

/** What a reader would not want to find, by file: nothing when all is well. */
const problemsOf = ({ path, content }: File): readonly string[] => {
  const junk = path.split('/').find(part => junkDrawers.test(part.replace(/(\.test)?\.\w+$/, '')))
  const host = hosts.find(each => content.includes(each))
  return [
    ...(junk ? [`${path}: ${junk} says nothing of what is inside`] : []),
    ...(host ? [`${path}: names the package registry ${host}`] : []),
    ...(machinePath.test(content) ? [`${path}: holds a path of one machine`] : []),
    ...(laterWords.test(content) ? [`${path}: leaves something for later`] : []),
  ]
}

const tooLong = ({ path, content }: File): readonly string[] => {
  const lines = content.split('\n').length - 1
  return lines > longest ? [`${path}: ${lines} lines; divide it by meaning`] : []
}

/** Files of the repository that a comment or a schema's text names and that do not exist. */
const deadNames = ({ path, content }: File): readonly string[] =>
  content
    .split('\n')
    .filter(line => /^\s*(\/?\*|\/\/|"doc":)/.test(line))
    .flatMap(
      line =>
        line.match(/\b(?:bench|bin|docs|schemas|services|test|topology)\/[\w./-]+\.(?:avsc|json|md|mjs|ts)\b/g) ?? [],
    )
    .filter(name => !existsSync(root + name))
    .map(name => `${path}: names ${name}, which is not there`)

const load = (paths: readonly string[]): readonly File[] => paths.map(path => ({ path, content: contentOf(path) }))

describe('source files', () => {
  it('name no machine, no package registry, no junk drawer, and leave nothing for later', () => {
    const texts = '*.{ts,mjs,js,json,md,avsc,yml,xml,sh,py,css}'
    const files = load(filesUnder(texts, `{bin,bench,docs,schemas,services,topology,test}/**/${texts}`))
    assert.ok(files.length > 100, `only ${files.length} files were looked at`)
    assert.deepEqual(files.flatMap(problemsOf), [])
  })

  it('name only files that are there', () => {
    const written = filesUnder('{bin,bench,schemas,services,topology,test}/**/*.{ts,mjs,avsc}')
    const files = load(written.filter(path => !path.startsWith('schemas/released/')))
    assert.deepEqual(files.flatMap(deadNames), [])
  })

  it(`have at most ${longest} lines`, () => {
    const written = filesUnder('{bin,schemas,services,topology}/**/*.{ts,mjs}').filter(
      path => path !== 'schemas/generated.ts',
    )
    assert.deepEqual(load(written).flatMap(tooLong), [])
  })
})

describe('the checks of source files', () => {
  const cases: { name: string; file: File; problem: RegExp }[] = [
    {
      name: 'a junk drawer',
      file: { path: 'services/runtime/utils.ts', content: '' },
      problem: /utils\.ts says nothing/,
    },
    { name: 'a junk folder', file: { path: 'services/common/time.ts', content: '' }, problem: /common says nothing/ },
    { name: 'a registry', file: { path: 'a.json', content: `https://${hosts[0]}.org/x` }, problem: /package registry/ },
    {
      name: 'a machine',
      file: { path: 'a.ts', content: `const a = '/${'home'}/ada/x'` },
      problem: /path of one machine/,
    },
    { name: 'a promise', file: { path: 'a.ts', content: `// ${'TO' + 'DO'} later` }, problem: /for later/ },
  ]
  for (const { name, file, problem } of cases) {
    it(`find ${name}`, () => assert.match(problemsOf(file).join('\n'), problem))
  }

  it('find a file that is too long', () => {
    assert.deepEqual(tooLong({ path: 'a.ts', content: '\n'.repeat(longest + 1) }), [
      `a.ts: ${longest + 1} lines; divide it by meaning`,
    ])
    assert.deepEqual(tooLong({ path: 'a.ts', content: '\n'.repeat(longest) }), [])
  })

  it('find a name of a file that is not there', () => {
    const content = '/** As services/kafka/none.ts has it, and services/kafka/kafka.ts. */\nread("docs/none.md")'
    assert.deepEqual(deadNames({ path: 'a.ts', content }), ['a.ts: names services/kafka/none.ts, which is not there'])
  })

  it('leave ordinary files alone', () => {
    assert.deepEqual(problemsOf({ path: 'services/common-sense.ts', content: "import '/work-shop' // homework" }), [])
  })
})
