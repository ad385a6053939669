import { TributaryError } from '../../runtime/errors.ts'
import { consumerPath, variableOf } from './consumer.ts'

const mapPath = 'topology/pipeline.ts'
const lineWidth = 120
const importLine = /^import \w+ from '\.\.\/services\/consumers\/([\w-]+)\.ts'$/
const consumersList = /^ {2}consumers: \[([\w\s,]*)\],$/gm

/**
 * The text of topology/pipeline.ts with this consumer in it, as Biome would format it: an import beside the other consumers', in order, and an entry at the end
 * of the list.
 * @throws TributaryError MAP_NOT_UNDERSTOOD when the file is not written the way this knows
 */
export const withConsumer = (map: string, name: string): string => withEntry(withImport(map, name), name)

const withImport = (map: string, name: string): string => {
  const variable = variableOf(name)
  if (new RegExp(`\\b${variable}\\b`).test(map)) throw notUnderstood(`no ${variable} yet`, name)
  const lines = map.split('\n')
  const imports = lines.flatMap((line, index) => {
    const imported = importLine.exec(line)?.[1]
    return imported === undefined ? [] : [{ imported, index }]
  })
  const [first] = imports
  if (!first) throw notUnderstood('imports of consumers, one a line', name)
  const before = imports.findLast(({ imported }) => sortKey(imported) < sortKey(name))
  const line = `import ${variable} from '../${consumerPath(name)}'`
  return lines.toSpliced(before ? before.index + 1 : first.index, 0, line).join('\n')
}

/** Biome orders imports by path and compares the numbers in it as numbers. */
const sortKey = (name: string): string => `${name}.ts`.replace(/\d+/g, digits => digits.padStart(10, '0'))

const withEntry = (map: string, name: string): string => {
  const lists = [...map.matchAll(consumersList)]
  const [list] = lists
  if (!list || lists.length > 1) throw notUnderstood('one list `consumers: [ … ],` of names alone', name)
  const entries = [...(list[1] ?? '').split(',').map(entry => entry.trim()), variableOf(name)].filter(Boolean)
  const line = `  consumers: [${entries.join(', ')}],`
  const broken = `  consumers: [\n${entries.map(entry => `    ${entry},\n`).join('')}  ],`
  const written = line.length <= lineWidth ? line : broken
  return map.slice(0, list.index) + written + map.slice(list.index + list[0].length)
}

const notUnderstood = (expected: string, name: string): TributaryError =>
  new TributaryError(
    'MAP_NOT_UNDERSTOOD',
    `Expected ${expected} in ${mapPath}, came something else; nothing was written. Write ${consumerPath(name)} after the model of another consumer and enter it into the map by hand.`,
  )
