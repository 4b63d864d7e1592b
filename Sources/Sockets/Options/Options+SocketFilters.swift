// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
public import SystemPackage

// Of every family: programs that look at packets: socket(7), bpf(2).

extension SocketOption where Value == Bool {
  /// Forbids to change or remove the filter; it cannot be undone.
  ///
  /// `EPERM` when it is to be turned off again.
  ///
  /// The corresponding C constant is `SO_LOCK_FILTER`.
  public static var filterLock: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_LOCK_FILTER, cName: "SO_LOCK_FILTER", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// How many of its own extensions to classic BPF the kernel has.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_BPF_EXTENSIONS`.
  public static var filterExtensionCount: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_BPF_EXTENSIONS, cName: "SO_BPF_EXTENSIONS",
      coding: .integer(unit: "count"))
  }
}

extension SocketOption where Value == FileDescriptor {
  /// A loaded BPF program that decides which packets reach the socket.
  ///
  /// `EINVAL` when the descriptor is not a program of the socket-filter type.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `SO_ATTACH_BPF`.
  public static var filterProgram: SocketOption<FileDescriptor> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_ATTACH_BPF, cName: "SO_ATTACH_BPF", coding: .descriptor)
  }

  /// A loaded BPF program that chooses which socket of a shared port takes a packet.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `SO_ATTACH_REUSEPORT_EBPF`.
  public static var reusePortProgram: SocketOption<FileDescriptor> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_ATTACH_REUSEPORT_EBPF, cName: "SO_ATTACH_REUSEPORT_EBPF",
      coding: .descriptor)
  }
}

extension SocketOption where Value == [FilterInstruction] {
  /// A classic BPF program that decides which packets reach the socket.
  ///
  /// It returns how many bytes of the packet to keep; zero drops it. At most 4096 instructions; the
  /// kernel checks the program and answers `EINVAL` for one that it refuses. Without a filter it
  /// reads as empty; an empty one cannot be set: use ``filterRemoval``. Reading needs Linux 3.8.
  ///
  /// The corresponding C constant is `SO_ATTACH_FILTER`.
  public static var filter: SocketOption<[FilterInstruction]> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_ATTACH_FILTER, cName: "SO_ATTACH_FILTER", coding: .filter)
  }

  /// A classic BPF program that chooses which socket of a shared port takes a packet.
  ///
  /// It returns the number of the socket, counted in the order of binding.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `SO_ATTACH_REUSEPORT_CBPF`.
  public static var reusePortFilter: SocketOption<[FilterInstruction]> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_ATTACH_REUSEPORT_CBPF, cName: "SO_ATTACH_REUSEPORT_CBPF",
      coding: .program)
  }
}

extension SocketOption where Value == Void {
  /// Removes the filter or program of the socket.
  ///
  /// `ENOENT` when there is none.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `SO_DETACH_FILTER`.
  public static var filterRemoval: SocketOption<Void> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_DETACH_FILTER, cName: "SO_DETACH_FILTER", coding: .nothing)
  }

  /// Removes the program that chooses among the sockets of a shared port.
  ///
  /// `ENOENT` when there is none.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `SO_DETACH_REUSEPORT_BPF`.
  public static var reusePortFilterRemoval: SocketOption<Void> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_DETACH_REUSEPORT_BPF, cName: "SO_DETACH_REUSEPORT_BPF",
      coding: .nothing)
  }
}

extension SocketOption where Value == [DeviceMemoryTokens] {
  /// Gives back the device memory of fragments that were received into it.
  ///
  /// `EBADF` when the socket has received none.
  ///
  /// It can only be set. Linux 6.12 or later.
  ///
  /// The corresponding C constant is `SO_DEVMEM_DONTNEED`.
  public static var releasedDeviceMemory: SocketOption<[DeviceMemoryTokens]> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_DEVMEM_DONTNEED, cName: "SO_DEVMEM_DONTNEED",
      coding: .deviceMemory)
  }
}
