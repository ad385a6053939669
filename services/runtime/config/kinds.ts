import { createPrivateKey } from 'node:crypto'
import { z } from 'zod'

/** A kind of value: what a person is told that it must be, and how the text becomes the value. */
export interface Kind<Value> {
  /** Completes the sentence "<NAME> must be …". */
  readonly expects: string
  readonly schema: z.ZodType<Value, string>
}

/** Any text without control characters, for example a token. */
export const text: Kind<string> = {
  expects: 'a text on one line',
  schema: z.string().regex(/^[^\p{Cc}]+$/u),
}

/** As PEM; line breaks may be two characters, as in a file of variables. The word of the sandbox passes: it stands for any key. */
export const rsaPrivateKey: Kind<string> = {
  expects:
    'an RSA private key as PEM without a passphrase, from "-----BEGIN PRIVATE KEY-----" on, line breaks as they are or as \\n',
  schema: z
    .string()
    .transform(text => text.replaceAll('\\n', '\n'))
    .refine(text => text === 'sandbox' || isRsaPrivateKey(text)),
}

const isRsaPrivateKey = (pem: string): boolean => {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

/** 0 lets the system choose a free one. */
export const port: Kind<number> = {
  expects: 'a port from 1 to 65535, or 0 for a free one',
  schema: wholeNumber(0, 65_535),
}

/** The first of five ports in a row. */
export const firstPort: Kind<number> = {
  expects: 'the first of five free ports in a row, from 1 to 65531, or 0 for free ones',
  schema: wholeNumber(0, 65_531),
}

export const perMinute: Kind<number> = {
  expects: 'a whole number from 1 to 1000000',
  schema: wholeNumber(1, 1_000_000),
}

/** Of something that a vendor counts by the million. */
export const perMonth: Kind<number> = {
  expects: 'a whole number from 1 to 10000000000',
  schema: wholeNumber(1, 10_000_000_000),
}

export const flag: Kind<boolean> = {
  expects: 'true or false',
  schema: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false']))
    .transform(word => word === 'true'),
}

/** Without a slash at its end. Credentials within it are refused: a URL is printed and logged, and has settings of its own for them. */
export const httpUrl: Kind<string> = {
  expects: 'a URL that begins with http:// or https:// and holds no user name, password, query or fragment',
  schema: z
    .url({ protocol: /^https?$/, hostname: /./ })
    .refine(url => {
      const { username, password, search, hash } = new URL(url)
      return username + password + search + hash === ''
    })
    .transform(url => url.replace(/\/+$/, '')),
}

/** An interface to listen on. */
export const host: Kind<string> = {
  expects: 'an IP address or a host name to listen on, for example 127.0.0.1 or 0.0.0.0',
  schema: z.string().regex(/^(?=.{1,253}$)([a-zA-Z0-9._-]+|[0-9a-fA-F:]+)$/),
}

const millisecondsPer = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** In milliseconds. */
export const duration: Kind<number> = {
  expects: 'a time like 7d, 12h, 90m, 30s or a whole number of milliseconds, more than 0 and at most 365d',
  schema: z
    .string()
    .regex(/^\d{1,12}\s*(ms|s|m|h|d)?$/)
    .transform(text => {
      const unit = /[a-z]+$/.exec(text)?.[0] ?? 'ms'
      return Number.parseInt(text, 10) * millisecondsPer[unit as keyof typeof millisecondsPer]
    })
    .pipe(
      z
        .number()
        .positive()
        .max(365 * millisecondsPer.d),
    ),
}

/** In milliseconds; 0 for never. */
export const interval: Kind<number> = {
  expects: `${duration.expects}, or 0 for never`,
  schema: z.union([z.literal('0').transform(() => 0), duration.schema]),
}

/** A key may have any sign that a header and this list leave free. */
const writeKey = z
  .string()
  .regex(/^(?:[a-z][a-z0-9-]{0,30}=)?[\x21-\x2b\x2d-\x39\x3b\x3c\x3e-\x7e]{1,200}$/)
  .transform(text => {
    const equals = text.indexOf('=')
    return equals === -1
      ? { source: 'default', key: text }
      : { source: text.slice(0, equals), key: text.slice(equals + 1) }
  })

export const writeKeys: Kind<readonly { readonly source: string; readonly key: string }[]> = {
  expects:
    'a list like web=KEY1,server=KEY2: a name of small letters, digits and hyphens, and a key without a comma, colon, space or equals sign; or one key alone',
  schema: list(z.string()).pipe(z.array(writeKey)),
}

const broker = z.string().regex(/^([a-zA-Z0-9._-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/)

export const brokers: Kind<readonly string[]> = {
  expects: 'a list like kafka-1:9092,kafka-2:9092: host and port of each broker, no scheme, separated by commas',
  schema: list(broker.refine(address => Number(address.slice(address.lastIndexOf(':') + 1)) <= 65_535)),
}

/** Lower-case names separated by commas. */
export const names: Kind<readonly string[]> = {
  expects: 'a list of names separated by commas',
  schema: list(z.string().toLowerCase().regex(/^\S+$/)),
}

/** Whether there is something, or which. */
export const channels: Kind<'on' | 'off' | readonly string[]> = {
  expects: 'on, off, or a list of channels like /data/TaskChangeEvent,/data/LeadChangeEvent, separated by commas',
  schema: z.union([z.enum(['on', 'off']), list(z.string().regex(/^\/data\/\w{1,80}$/))]),
}

export const topicPrefix: Kind<string> = {
  expects: 'up to 100 letters, digits, dots, underscores and hyphens',
  schema: z.string().regex(/^[a-zA-Z0-9._-]{1,100}$/),
}

export const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words): Kind<Words[number]> => ({
  expects: `one of ${words.join(', ')}`,
  schema: z.string().toLowerCase().pipe(z.enum(words)) as unknown as z.ZodType<Words[number], string>,
})

/** `user:password`. */
export const basicAuth: Kind<{ readonly username: string; readonly password: string }> = {
  expects: 'a user name and a password as user:password',
  schema: z
    .string()
    .regex(/^[^:\p{Cc}]+:[^\p{Cc}]+$/u)
    .transform(pair => ({
      username: pair.slice(0, pair.indexOf(':')),
      password: pair.slice(pair.indexOf(':') + 1),
    })),
}

/** At least 16 characters: a key that can be guessed would show whose rows were erased. */
export const hmacKey: Kind<string> = {
  expects: 'at least 16 characters, for example the output of `openssl rand -hex 32`',
  schema: z.string().regex(/^[^\p{Cc}]{16,}$/u),
}

/** Of characters that a header can carry. The word of the sandbox passes: nothing there needs to be kept from anybody. */
export const accessToken: Kind<string> = {
  expects: 'at least 16 letters, digits or signs without a space, for example the output of `openssl rand -hex 32`',
  schema: z.string().regex(/^([\x21-\x7e]{16,}|sandbox)$/),
}

function wholeNumber(from: number, to: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(from).max(to))
}

function list(item: z.ZodType<string, string>): z.ZodType<readonly string[], string> {
  return z
    .string()
    .transform(text => [
      ...new Set(
        text
          .split(',')
          .map(part => part.trim())
          .filter(part => part !== ''),
      ),
    ])
    .pipe(z.array(item).min(1))
}
