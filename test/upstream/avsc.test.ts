import { isUtf8 } from 'node:buffer'
import { describe } from 'node:test'
import { shipped } from './shipped.ts'
import { ratio, stillHappens } from './still-happens.ts'
import { Writer } from './wire.ts'

const avsc = shipped<typeof import('avsc')>('avsc')

const { Type } = avsc
const typeOf = (schema: unknown) => Type.forSchema(schema as Parameters<typeof Type.forSchema>[0])
const person = typeOf({ type: 'record', name: 'Person', fields: [{ name: 'email', type: 'string' }] })

const errorOf = (work: () => unknown): Error | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return error as Error
  }
}

/** How much longer a count of a hundred times as many items takes that are not there. */
const timesLonger = (schema: object): number => {
  const type = typeOf(schema)
  const claiming = (count: number) => {
    const bytes = new Writer().varint(count).buffer
    return () => errorOf(() => type.fromBuffer(bytes))
  }
  return ratio(claiming(1_000_000), claiming(10_000))
}
const claimed = 10

describe('avsc', () => {
  stillHappens('error-quotes-value', () => {
    const email = { address: 'somebody@example.com' }
    return errorOf(() => person.toBuffer({ email }))?.message.includes(email.address) === true
  })

  stillHappens('union-changes-shape', () => {
    const before = typeOf(['null', 'int'])
    const after = typeOf(['null', 'int', 'long'])
    const shapeOf = (type: typeof before, bytes: Buffer) => typeof type.fromBuffer(bytes)
    const five = Buffer.from([2, 10])
    return shapeOf(before, five) !== shapeOf(after, five)
  })

  stillHappens('large-number-throws', () => {
    const bytes = new Writer().varint(2 ** 53 + 2).buffer
    return errorOf(() => typeOf('long').fromBuffer(bytes)) !== undefined
  })

  stillHappens('negative-number-flips', () => {
    const number = -(2 ** 52) - 1
    const long = typeOf('long')
    return long.fromBuffer(long.toBuffer(number)) !== number
  })

  stillHappens('array-bomb', () => timesLonger({ type: 'array', items: 'int' }) > claimed)

  stillHappens('map-bomb', () => timesLonger({ type: 'map', values: 'int' }) > claimed)

  stillHappens('proto-key-lost', () => {
    const map = typeOf({ type: 'map', values: 'string' })
    const bytes = map.toBuffer(JSON.parse('{ "__proto__": "kept" }'))
    return !Object.hasOwn(map.fromBuffer(bytes), '__proto__')
  })

  stillHappens('half-character-written', () => !isUtf8(typeOf('string').toBuffer('half \ud83d').subarray(1)))

  stillHappens('wrong-length-decoded', () => {
    const whole = person.toBuffer({ email: 'somebody@example.com' })
    const lengths = [whole.subarray(0, -1), Buffer.concat([whole, Buffer.from([0])])]
    return lengths.every(bytes => errorOf(() => person.decode(bytes, 0)) === undefined)
  })

  stillHappens('records-are-instances', () => {
    const decoded: object = person.fromBuffer(person.toBuffer({ email: 'somebody@example.com' }))
    return Object.getPrototypeOf(decoded) !== Object.prototype
  })
})
