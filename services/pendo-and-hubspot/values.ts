import type { FieldType } from '../../topology/pendo-and-hubspot.ts'
import { instantOf } from '../producers/input/times.ts'

/** A value in the one spelling in which both sides are compared; null for none. */
export type Value = null | boolean | number | string

interface Spelling {
  /** Of a value that a side told; undefined for what is none of the type. */
  read(value: Exclude<Value, null>): Value | undefined
  /** As each side takes it. HubSpot takes texts only. */
  hubspot(value: Exclude<Value, null>): string
  pendo(value: Exclude<Value, null>): Value
}

const same = (value: Exclude<Value, null>): Value => value

/** Milliseconds since the epoch, as HubSpot and Pendo write moments, also as a text; or ISO 8601, without a zone in UTC. */
const moment = (value: Exclude<Value, null>): Date | undefined => {
  const at = /^-?\d+$/.test(String(value)) ? Number(value) : instantOf(value)
  const date = new Date(at ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const day = /^\d{4}-\d{2}-\d{2}$/
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

const spellings: Readonly<Record<FieldType, Spelling>> = {
  text: { read: String, hubspot: String, pendo: String },
  number: {
    read: value => {
      if (typeof value === 'string') return number.test(value.trim()) ? finite(Number(value)) : undefined
      return typeof value === 'number' ? finite(value) : undefined
    },
    hubspot: String,
    pendo: same,
  },
  bool: {
    read: value => {
      const text = String(value).toLowerCase()
      return text === 'true' || text === 'false' ? text === 'true' : undefined
    },
    hubspot: String,
    pendo: same,
  },
  date: {
    read: value => moment(value)?.toISOString().slice(0, 10).match(day)?.[0],
    hubspot: String,
    pendo: value => `${value}T00:00:00.000Z`,
  },
  datetime: { read: value => moment(value)?.toISOString(), hubspot: String, pendo: same },
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value + 0 : undefined)

/** A value as a side told it; undefined for one that is none of the type. An empty text is none at all, as HubSpot says it. */
export const readValue = (type: FieldType, value: Value): Value | undefined =>
  value === null || (typeof value === 'string' && value.trim() === '') ? null : spellings[type].read(value)

/** A value as a side takes it. */
export const spell = (type: FieldType, side: 'hubspot' | 'pendo', value: Value): Value =>
  value === null ? null : spellings[type][side](value)
