import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { tributaryProgram } from '../../services/commands/program.ts'
import { settingNames } from '../../services/runtime/config/settings.ts'
import { scopes } from '../../services/sinks/hubspot/scopes.ts'
import { pictures } from '../pictures/pictures.ts'
import { contentOf, mismatches } from './repository.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = contentOf('README.md')
const { scripts, dependencies, devDependencies } = JSON.parse(contentOf('package.json')) as Record<
  'scripts' | 'dependencies' | 'devDependencies',
  Readonly<Record<string, string>>
>

const all = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, found]) => found ?? '')

/** As code forges make them of headings. */
const anchorsOf = (markdown: string): readonly string[] =>
  all(markdown, /^#+ (.+)$/gm).map(heading =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

/** Links to files and headings of the repository that do not exist. */
const deadLinks = (markdown: string): readonly string[] =>
  all(markdown, /\]\(([^)]+)\)/g)
    .filter(link => !/^https?:/.test(link))
    .filter(link => {
      const [path = '', anchor] = link.split('#')
      if (path !== '' && !existsSync(root + path)) return true
      return anchor !== undefined && !anchorsOf(path === '' ? markdown : contentOf(path)).includes(anchor)
    })

/** Settings that nothing reads. Those of a named account stand for those of the account without a name. */
const unknownSettings = (markdown: string): readonly string[] => {
  const known = new Set<string>(settingNames)
  return all(markdown, /\b([A-Z]+(?:_[A-Z]+)+)\b/g).filter(
    name => !known.has(name.replace(/_FILE$/, '').replace('ZOOM_EMEA_', 'ZOOM_')),
  )
}

/** What is typed at `npx tributary` or `npm run` and is no command, has options that it does not take, or is no script. */
const unknownCommands = (markdown: string): readonly string[] => [
  ...all(markdown, /npx tributary ([^#\n`]+)/g).filter(
    typed => !isKnown(tributaryProgram(), typed.trim().split(/\s+/)),
  ),
  ...all(markdown, /npm run (\w+)/g).filter(name => !Object.hasOwn(scripts, name)),
]

const isKnown = (command: Command, [word, ...rest]: readonly string[]): boolean => {
  const inner = command.commands.find(one => one.name() === word)
  if (inner) return isKnown(inner, rest)
  if (command.commands.length > 0) return false
  const options = [word ?? '', ...rest].filter(one => one.startsWith('--'))
  return options.every(option => command.options.some(({ long }) => long === option))
}

describe('README.md', () => {
  it('links to what exists', () => assert.deepEqual(deadLinks(readme), []))

  it('names settings that are read', () => assert.deepEqual(unknownSettings(readme), []))

  it('says commands that can be typed', () => {
    assert.ok(all(readme, /npx tributary (\w+)/g).length > 10)
    assert.deepEqual(unknownCommands(readme), [])
  })

  it('asks for the scopes that HubSpot wants, and for no other', () => {
    const named = all(readme, /`((?:crm\.|behavioral_events\.|analytics\.)[\w.]+)`/g)
    const wanted = Object.values(scopes).flat()
    assert.deepEqual(mismatches({ what: 'scope', names: named }, { what: 'scope of the sink', names: wanted }), [])
  })

  it('shows every picture that is made, and no other', () => {
    const shown = all(readme, /!\[[^\]]+\]\(docs\/([^)]+)\)/g)
    const made = pictures.map(({ file }) => file)
    assert.deepEqual(mismatches({ what: 'picture', names: shown }, { what: 'picture made', names: made }), [])
  })

  it('says of every folder of services what is there', () => {
    const [map = ''] = /^\| where \| what \|\n(?:\|.*\n)+/m.exec(readme) ?? []
    const named = all(map, /`(?:services\/)?([\w-]+)\/`/g)
    const folders = readdirSync(`${root}services`, { withFileTypes: true }).flatMap(one =>
      one.isDirectory() ? [one.name] : [],
    )
    assert.deepEqual(
      folders.filter(name => !named.includes(name)),
      [],
    )
  })

  it('says of every dependency why it is there', () => {
    const section = /^## Dependencies\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? ''
    const explained = all(section, /^\| ([^|]+) \|/gm)
      .flatMap(cell => cell.split(', '))
      .filter(name => name !== 'package')
    const installed = Object.keys({ ...dependencies, ...devDependencies })
    assert.deepEqual(mismatches({ what: 'row', names: explained }, { what: 'package', names: installed }), [])
  })
})

describe('the checks of README.md', () => {
  it('find links to nothing', () => {
    const links = ['docs/none.md', 'docs/reference.md#none', '#none']
    assert.deepEqual(deadLinks(links.map(link => `[a](${link})`).join(' ')), links)
    assert.deepEqual(deadLinks('# A `b` c\n[a](#a-b-c) [b](docs/reference.md#settings) [c](https://example.com)'), [])
  })

  it('find settings that nobody reads', () => {
    assert.deepEqual(
      unknownSettings('`HUBSPOT_TOKEN` `KAFKA_PORT` `ZOOM_EMEA_CLIENT_ID` `HUBSPOT_ACCESS_TOKEN_FILE`'),
      ['HUBSPOT_TOKEN'],
    )
  })

  it('find commands and options that do not exist', () => {
    const typed = ['dead-letters burn', 'replay a --form 1d', 'topology', 'setup --check --json']
    const text = typed.map(one => `npx tributary ${one}`).join('\n')
    assert.deepEqual(unknownCommands(`${text}\nnpm run nothing`), [...typed.slice(0, 3), 'nothing'])
  })
})
