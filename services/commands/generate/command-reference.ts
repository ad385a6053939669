import type { Argument, Command, Option } from 'commander'
import { code, sentence, table } from './markdown.ts'

/** Every command of a program with its arguments and options, commands of commands too. */
export const commandReference = (program: Command): readonly string[] =>
  program.commands.flatMap(command => sectionsOf(command, [program.name(), command.name()]))

const sectionsOf = (command: Command, path: readonly string[]): readonly string[] =>
  command.commands.length > 0
    ? command.commands.flatMap(inner => sectionsOf(inner, [...path, inner.name()]))
    : sectionOf(command, path)

const sectionOf = (command: Command, path: readonly string[]): readonly string[] => {
  const { registeredArguments, options } = command
  const rows = [...registeredArguments.map(argumentRow), ...options.map(optionRow)]
  return [
    `### ${code([...path, ...registeredArguments.map(typed)].join(' '))}`,
    '',
    sentence(command.description()),
    '',
    ...(rows.length === 0 ? [] : [table(['argument or option', 'meaning', 'default'], rows), '']),
  ]
}

/** As it is written in usage lines. */
const typed = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

const argumentRow = (argument: Argument): readonly string[] => [code(typed(argument)), argument.description, '']

const optionRow = ({ flags, description, mandatory, defaultValue }: Option): readonly string[] => [
  code(flags),
  description,
  mandatory ? 'required' : shown(defaultValue),
]

/** Nothing for what is off or empty unless it is given. */
const shown = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? code(String(value)) : ''
