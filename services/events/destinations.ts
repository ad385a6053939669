/** What an event's sender said of destinations by name; `All` is for those not named, and what is not said at all is wanted. */
export type DestinationChoice = Readonly<Record<string, boolean>>

/** Whether a destination may have the event. @param destination as Segment's clients name it: `Pendo`, `HubSpot` */
export const mayReceive = (choice: DestinationChoice, destination: string): boolean => {
  if (Object.hasOwn(choice, destination)) return choice[destination] === true
  return !(Object.hasOwn(choice, 'All') && choice['All'] === false)
}
