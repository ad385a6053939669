import { z } from 'zod'

/** Fields that Zoom's webhooks and its REST API write alike, and what is needed of them. */

/** JSON may hold halves of characters (lone surrogates), which no encoding can: each is U+FFFD from here on, so that every key, id and hash of a text agrees. */
const wellFormed = (value: string): string => value.toWellFormed()

/** Text or number; null when it is empty, absent or neither, for Zoom writes an empty string where it knows nothing. */
export const text = z
  .union([z.string().transform(wellFormed), z.number().transform(String)])
  .transform(value => value.trim() || null)
  .catch(null)

/** A time or an id, as text or number; null for anything else. Read later, with the others from which it can be told (times.ts). */
export const asWritten = z.union([z.string(), z.number()]).nullable().catch(null)

/** Text or number that must be there. */
export const id = z
  .union([z.string().transform(wellFormed), z.number().transform(String)])
  .transform(value => value.trim())
  .pipe(z.string().min(1))

/** No address is longer. Characters are composed (NFC) in quadratic time: a megabyte of accents would keep the process busy for minutes. */
const longestAddress = 320

export const email = text.transform(address =>
  address === null || address.length > longestAddress ? null : address.toLowerCase().normalize('NFC'),
)

/** A number in some events and a text in others; one spelling here. It exceeds 32 bits. */
export const webinarNumber = z
  .union([z.number().int().positive().transform(String), z.string().trim()])
  .pipe(z.string().regex(/^[1-9]\d{0,17}$/))

/** What the defective items of a list become: nothing. */
export const listOf = <Item>(item: z.ZodType<Item>) =>
  z
    .array(item.nullable().catch(null))
    .catch([])
    .transform(items => items.filter(one => one !== null))

/** One date of a series. */
export const occurrence = z.object({ occurrence_id: id, start_time: asWritten })

/** The standard questions of a registration form, by Zoom's field names. */
export const standardQuestions = [
  'address',
  'city',
  'country',
  'zip',
  'state',
  'phone',
  'industry',
  'org',
  'job_title',
  'purchasing_time_frame',
  'role_in_purchase_process',
  'no_of_employees',
  'comments',
] as const

const answers = Object.fromEntries(standardQuestions.map(name => [name, text])) as Record<
  (typeof standardQuestions)[number],
  typeof text
>

export const registrant = z.object({
  id,
  email: z
    .string()
    .transform(wellFormed)
    .pipe(z.string().trim().max(longestAddress))
    .pipe(z.string().toLowerCase().normalize('NFC').min(1)),
  first_name: text,
  last_name: text,
  status: text,
  join_url: text,
  custom_questions: listOf(z.object({ title: id, value: id })),
  ...answers,
})

export type ZoomRegistrant = z.output<typeof registrant>
