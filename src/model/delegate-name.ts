/** The property of a Prisma client under which a model's queries are: `RequestItem` is `requestItem` (Prisma's rule). */
export function delegateName(model: string): string {
  return model.charAt(0).toLowerCase() + model.slice(1)
}
