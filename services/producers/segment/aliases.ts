import { type AliasKindName, aliasIfOne } from '../../identity/aliases.ts'
import { idText } from '../input/id-text.ts'
import { isObject, type JsonObject } from '../input/json-body.ts'

/**
 * The aliases that a message names its person by, strongest first: user id, address, anonymous id (weak). Placeholders that careless clients send
 * for everybody are none. The address is that of the person's traits: of an identify its own, of other calls `context.traits`; the traits of a
 * group are the group's.
 */
export const aliasesOf = (body: JsonObject): readonly string[] => {
  const aliases: string[] = []
  addIfAny(aliases, 'user', body['userId'])
  addIfAny(aliases, 'email', personTrait(body, 'email'))
  addIfAny(aliases, 'anonymous', body['anonymousId'])
  return aliases
}

/**
 * The aliases that an alias call declares to be one person; none when the call lacks one of its two ids. Segment does not say what the previous id was used as, so it is
 * linked as a user id and points as an anonymous one, unless it is the anonymous id of the very browser: that may be many people's, who must not
 * become one.
 */
export const linkedAliases = (body: JsonObject): readonly string[] => {
  const [user, previous] = [alias('user', body['userId']), alias('user', body['previousId'])]
  const anonymous = alias('anonymous', body['previousId'])
  if (user === undefined || anonymous === undefined || previous === undefined) return []
  const isOfDevice = anonymous === alias('anonymous', body['anonymousId'])
  return isOfDevice ? [user, anonymous] : [...new Set([user, previous, anonymous])]
}

/** A trait of the person whom a message is about. */
export const personTrait = (body: JsonObject, name: string): unknown => {
  const { traits, context } = body
  const own = body['type'] === 'identify' && isObject(traits) ? traits[name] : undefined
  if (own !== undefined && own !== null) return own
  const ofContext = isObject(context) ? context['traits'] : undefined
  return isObject(ofContext) ? ofContext[name] : undefined
}

const addIfAny = (aliases: string[], kind: AliasKindName, value: unknown): void => {
  const found = alias(kind, value)
  if (found !== undefined) aliases.push(found)
}

const alias = (kind: AliasKindName, value: unknown): string | undefined => {
  const id = idText(value)
  return id === null ? undefined : aliasIfOne(kind, id)
}
