// What esbuild's loaders make of files that are no scripts: the hashed address of each.
declare module "*.svg" {
  const address: string;
  export default address;
}
declare module "*.messages" {
  const address: string;
  export default address;
}
declare module "*.css";
