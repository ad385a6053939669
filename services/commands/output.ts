/** Output of commands for people and for programs. */

export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

export const printLines = (...lines: readonly string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`)
}

/** Rows under their field names, columns as wide as their widest cell; numbers to the right. */
export const printTable = (rows: readonly Readonly<Record<string, string | number | boolean | null>>[]): void => {
  const [first] = rows
  if (!first) return
  const columns = Object.keys(first)
  const text = (value: string | number | boolean | null | undefined): string => String(value ?? '')
  const width = (column: string): number => Math.max(column.length, ...rows.map(row => text(row[column]).length))
  const widths = new Map(columns.map(column => [column, width(column)]))
  const line = (cell: (column: string) => string, isNumber: (column: string) => boolean): string =>
    columns
      .map(column =>
        isNumber(column)
          ? cell(column).padStart(widths.get(column) ?? 0)
          : cell(column).padEnd(widths.get(column) ?? 0),
      )
      .join('  ')
      .trimEnd()
  const isNumber = (column: string): boolean => typeof first[column] === 'number'
  printLines(
    line(column => column, isNumber),
    ...rows.map(row => line(column => text(row[column]), isNumber)),
  )
}
