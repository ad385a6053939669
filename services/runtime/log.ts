import pino from 'pino'

/**
 * The only fields that may be logged. Everything else is dropped, so that no event, address, header or secret can reach a log by accident:
 * redaction lists what to hide and forgets, a list of what may be shown does not.
 */
export const loggedFields = [
  'service',
  'vendor',
  'account',
  'group',
  'consumer',
  'sink',
  'destination',
  'object',
  'topic',
  'partition',
  'offset',
  'count',
  'records',
  'attempt',
  'status',
  'code',
  'reason',
  'eventId',
  'schemaId',
  'metric',
  'ms',
  'port',
  'url',
  'setting',
  'signal',
  'version',
  'correlationId',
] as const

export type LogFields = Partial<Record<(typeof loggedFields)[number], string | number | boolean | null>> & {
  /** Only its name, code and, for our own errors, its message are logged: messages of others may carry values. */
  readonly error?: unknown
}

export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** A JSON logger to standard error, or to `write`. Normal operation emits nothing above debug. */
export const createLogger = (options: { level: LogLevel; write?: (line: string) => void }): Logger => {
  const destination = { write: options.write ?? toStandardError() }
  const sink = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  return {
    debug: (fields, message) => sink.debug(onlyAllowed(fields), message),
    info: (fields, message) => sink.info(onlyAllowed(fields), message),
    warn: (fields, message) => sink.warn(onlyAllowed(fields), message),
    error: (fields, message) => sink.error(onlyAllowed(fields), message),
  }
}

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** What cannot be written, because the disk is full or nobody reads, is dropped: a line of the log is not worth the service. */
const toStandardError = (): ((line: string) => void) => {
  const open = () =>
    pino.destination({ dest: 2, sync: true }).on('error', () => {
      // The one that failed keeps what it could not write, and all that follows.
      current = open()
    })
  let current = open()
  return line => void current.write(line)
}

const onlyAllowed = (fields: LogFields): Record<string, unknown> => ({
  ...Object.fromEntries(loggedFields.filter(name => fields[name] !== undefined).map(name => [name, fields[name]])),
  ...(fields.error === undefined ? {} : { error: describeError(fields.error) }),
})

const describeError = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = (error as { code?: unknown }).code ?? (error as { type?: unknown }).type
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.name === 'TributaryError' ? { message: error.message } : {}),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  }
}
